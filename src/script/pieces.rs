//! A text of many functions, compiled in pieces. At each name that Rhai's parser reads it goes through all closures that
//! it has met, so that a text of ten thousand functions takes it minutes; some tens at a time take it no time.
//!
//! A function of command mode that captures nothing is a constant: it means the same wherever it was compiled. The text
//! is compiled with a number in its place, and the statement put there afterwards.

use crate::env::bounds;
use rhai::{AST, Engine, Expr, FnCallExpr, ParseError, Scope, Stmt};
use std::ops::Range;

/// So many functions are compiled with everything else.
const FEW: usize = 100;
/// How many are compiled together.
const TOGETHER: usize = 50;

/// Compiles a lowered text, behind so many line ends. `functions` are the stretches of its functions at the top, each a
/// statement, in order.
///
/// # Errors
/// What Rhai's parser says.
pub(super) fn compile(
    rhai: &Engine,
    scope: &Scope,
    text: &str,
    lines: usize,
    functions: &[Range<usize>],
) -> Result<AST, ParseError> {
    let whole = |text: &str| rhai.compile_with_scope(scope, "\n".repeat(lines) + text);
    if functions.len() < FEW {
        return whole(text);
    }
    let mut made = Made { compiled: Vec::with_capacity(functions.len()), closures: AST::empty() };
    let result = made
        .piece_by_piece(rhai, scope, text, lines, functions)
        .and_then(|()| made.put_together(text, functions, whole));
    if bounds::forsaken() {
        std::mem::forget(made);
    }
    result
}

/// What is compiled so far.
struct Made {
    /// The functions' statements, where they are constants.
    compiled: Vec<Option<Stmt>>,
    /// The closures of all functions.
    closures: AST,
}

impl Made {
    /// Compiles the functions, some at a time.
    fn piece_by_piece(
        &mut self,
        rhai: &Engine,
        scope: &Scope,
        text: &str,
        lines: usize,
        functions: &[Range<usize>],
    ) -> Result<(), ParseError> {
        let mut place = Place { at: 0, lines, blanks: 0 };
        for together in functions.chunks(TOGETHER) {
            let Some(first) = together.first() else { continue };
            place.go_on(text, first.start);
            let mut piece = "\n".repeat(place.lines) + &*" ".repeat(place.blanks);
            let mut at = first.start;
            for function in together {
                piece.extend(text.get(at..function.start).unwrap_or_default().chars().map(blank));
                piece.push_str(text.get(function.clone()).unwrap_or_default());
                at = function.end;
            }
            let ast = rhai.compile_with_scope(scope, piece)?;
            let one_each = ast.statements().len() == together.len();
            self.compiled.extend(together.iter().enumerate().map(|(at, _)| {
                ast.statements().get(at).filter(|statement| one_each && is_constant(statement)).cloned()
            }));
            self.closures.combine(ast.clone_functions_only());
        }
        Ok(())
    }

    /// Compiles the rest, and puts the functions into their places.
    fn put_together(
        &mut self,
        text: &str,
        functions: &[Range<usize>],
        whole: impl Fn(&str) -> Result<AST, ParseError>,
    ) -> Result<AST, ParseError> {
        let Made { compiled, closures } = self;
        let mut rest = String::with_capacity(text.len());
        let mut at = 0;
        for (number, (function, compiled)) in functions.iter().zip(&mut *compiled).enumerate() {
            rest.push_str(text.get(at..function.start).unwrap_or_default());
            let written = text.get(function.clone()).unwrap_or_default();
            match numbered(written, number).filter(|_| compiled.is_some()) {
                Some(numbered) => rest.push_str(&numbered),
                None => {
                    *compiled = None;
                    rest.push_str(written);
                }
            }
            at = function.end;
        }
        rest.push_str(text.get(at..).unwrap_or_default());
        let ast = whole(&rest)?;
        let statements: Vec<Stmt> = ast
            .statements()
            .iter()
            .map(|statement| {
                let number = number_of(statement).and_then(|number| compiled.get_mut(number)?.take());
                number.unwrap_or_else(|| statement.clone())
            })
            .collect();
        closures.combine(ast.clone_functions_only());
        Ok(AST::new(statements, closures.shared_lib().clone()))
    }
}

/// How many lines, and how many characters of the last of them, stand before a byte.
struct Place {
    at: usize,
    lines: usize,
    blanks: usize,
}

impl Place {
    fn go_on(&mut self, text: &str, to: usize) {
        let passed = text.get(self.at..to).unwrap_or_default();
        let (lines, last) = (passed.matches('\n').count(), passed.rsplit('\n').next().unwrap_or_default());
        self.blanks = last.chars().count() + if lines == 0 { self.blanks } else { 0 };
        self.lines += lines;
        self.at = to;
    }
}

/// What takes the place of a character, so that all others keep theirs.
fn blank(c: char) -> char {
    if c == '\n' { '\n' } else { ' ' }
}

/// A function's text with its number in its place, as long as it was.
fn numbered(written: &str, number: usize) -> Option<String> {
    let call = format!("_function({number});");
    let begins = written.find(|c| c != '\n')?;
    let replaced = written.get(begins..begins + call.len()).filter(|text| text.is_ascii() && !text.contains('\n'))?;
    let behind = written.get(begins + replaced.len()..)?;
    Some(written.get(..begins)?.chars().chain(call.chars()).chain(behind.chars().map(blank)).collect())
}

/// The number that stands in a function's place.
fn number_of(statement: &Stmt) -> Option<usize> {
    match of_function(statement)?.args.as_slice() {
        [Expr::IntegerConstant(number, _)] => usize::try_from(*number).ok(),
        _ => None,
    }
}

/// Whether a statement makes a function that captures nothing.
fn is_constant(statement: &Stmt) -> bool {
    let call = of_function(statement);
    call.is_some_and(|call| matches!(call.args.as_slice(), [Expr::StringConstant(..), Expr::DynamicConstant(..)]))
}

fn of_function(statement: &Stmt) -> Option<&FnCallExpr> {
    match statement {
        Stmt::FnCall(call, _) if call.name == "_function" => Some(call),
        // What nothing optimises is still an expression.
        Stmt::Expr(expr) => match &**expr {
            Expr::FnCall(call, _) if call.name == "_function" => Some(call),
            _ => None,
        },
        _ => None,
    }
}
