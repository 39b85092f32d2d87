//! Types of .NET and COM that are not there, wherever a script names them, and static members that they do not have.

use super::guard::{self, Answers, Guarded};
use crate::error::{Diagnostic, Phase, Span};
use crate::language::lower::type_text;
use crate::language::tree::{
    Assign, Attribute, Body, Catch, Command, Element, Expr, ExprKind, Script, Statement, TypeName, Visit, walk_assign,
    walk_command, walk_expr,
};
use crate::script::attributes;
use crate::value::{exceptions, near, same_name, statics, types};

/// How scripts that come from Windows begin: such a line has nothing to set here, and does nothing.
const IGNORED: &[&str] = &["ServicePointManager", "SecurityProtocolType"];

/// Types whose static properties may be set, which does nothing.
const SET_IN_VAIN: &[&str] = &["ServicePointManager", "Console"];

/// One error for each place where a type is used that is not there; a warning inside `try` and behind
/// what looks whether something is there.
pub fn missing(script: &Script) -> Vec<Diagnostic> {
    let mut look = Look { found: Vec::new(), guarded: false, answers: guard::answers(script) };
    look.visit_script(script);
    look.found
}

struct Look {
    found: Vec<Diagnostic>,
    guarded: bool,
    answers: Answers,
}

impl Look {
    fn tell(&mut self, diagnostic: Diagnostic) {
        self.found.push(if self.guarded { diagnostic.as_warning() } else { diagnostic });
    }

    fn check(&mut self, name: &str, span: Span) {
        if types::find(name).is_some() || is_ignored(name) {
            return;
        }
        if types::has_dimensions(name) {
            return self.unsupported(
                span,
                &format!("[{name}], an array of several dimensions,"),
                statics::ONE_DIMENSION,
            );
        }
        let error = statics::type_not_found(name);
        let hint = match error.hints() {
            [] => "Members of text, dates, lists and paths, and the cmdlets, do most of what scripts need; \
                   Get-Command *WORD* looks for one."
                .to_string(),
            hints => hints.join(" "),
        };
        self.tell(Diagnostic::error(Phase::Name, "TypeNotFound", span, error.message()).with_hint(hint));
    }

    /// An exception that there is not is never thrown: what it should have caught goes on.
    fn caught(&mut self, name: &str, span: Span) {
        if exceptions::is_known(name) || same_name(name.rsplit('.').next().unwrap_or(name), "ErrorRecord") {
            return;
        }
        let message = format!("No error is a [{name}] here: this catch takes none.");
        let diagnostic = Diagnostic::error(Phase::Name, "TypeNotFound", span, message).as_warning();
        self.found.push(match exceptions::near(name) {
            Some(near) => diagnostic.with_fix(span, format!("[{near}]")).with_hint(format!("Did you mean [{near}]?")),
            None => diagnostic.with_hint(
                "A catch without a type takes every error; $_.FullyQualifiedErrorId and $_.CategoryInfo say which it is.",
            ),
        });
    }

    /// A static member: without it a property would be nothing, in silence.
    fn member(&mut self, of: &TypeName, name: &Expr, is_method: bool) {
        let ExprKind::Bareword(member) = &name.kind else { return };
        let Some(members) = statics::members(&type_text(of)).filter(|_| !is_ignored(&of.name)) else { return };
        const EVERY: [&str; 3] = ["new", "Equals", "ReferenceEquals"];
        let known = if is_method { &members.methods } else { &members.properties };
        if known.iter().chain(EVERY.iter().filter(|_| is_method)).any(|known| same_name(known, member)) {
            return;
        }
        let (id, what) = if is_method { ("MethodNotFound", "method") } else { ("PropertyNotFound", "property") };
        let message = format!("[{}] has no static {what} '{member}' here.", of.name);
        let diagnostic = Diagnostic::error(Phase::Name, id, name.span, message);
        let hint = match near::nearest(member, known.iter().copied()) {
            Some(near) => {
                return self.tell(diagnostic.with_fix(name.span, near).with_hint(format!("Did you mean {near}?")));
            }
            None if known.is_empty() => format!("There is no static {what} of it"),
            None => format!("There are {}", known.join(", ")),
        };
        self.tell(diagnostic.with_hint(hint));
    }

    fn unsupported(&mut self, span: Span, what: &str, instead: &str) {
        let message = format!("{what} is not part of the language");
        self.tell(Diagnostic::error(Phase::Name, "UnsupportedConstruct", span, message).with_hint(instead));
    }

    /// `([ref]$x)` as an argument: a command gets values.
    fn reference(&mut self, value: &Expr) {
        match &value.kind {
            ExprKind::Paren(inner) => inner.as_expr().into_iter().for_each(|inner| self.reference(inner)),
            ExprKind::Cast { to, .. } if same_name(&to.name, "ref") => {
                let instead = "let the function put the value out, $x = Get-Next $x; or hand over a hashtable, which it can \
                               change";
                self.unsupported(value.span, "[ref] as an argument of a command", instead);
            }
            _ => {}
        }
    }

    fn new_object(&mut self, command: &Command) {
        let mut after_name = false;
        for element in &command.elements {
            match element {
                Element::Parameter { name, span, .. } if "comobject".starts_with(&name.to_ascii_lowercase()) => {
                    let instead = "objects of Windows programs are not there; write files with Export-Csv, \
                                   ConvertTo-Html or Out-File";
                    return self.unsupported(*span, "New-Object -ComObject", instead);
                }
                Element::Parameter { name, argument, .. } => {
                    after_name = argument.is_none();
                    let is_name = "typename".starts_with(&name.to_ascii_lowercase());
                    if let (true, Some(value)) = (is_name, argument) {
                        return self.named(value);
                    }
                    if is_name {
                        after_name = false;
                    }
                }
                Element::Argument(_) if std::mem::take(&mut after_name) => {}
                Element::Argument(value) => return self.named(value),
                Element::Splat { .. } => return,
            }
        }
    }

    fn named(&mut self, value: &Expr) {
        if let ExprKind::Bareword(name) | ExprKind::String { text: name, .. } = &value.kind {
            let plain = name.to_lowercase();
            let is_custom = plain.ends_with("psobject") || plain.ends_with("pscustomobject");
            if !is_custom {
                self.check(name, value.span);
            }
        }
    }
}

fn is_ignored(name: &str) -> bool {
    is_one_of(IGNORED, name)
}

fn is_one_of(known: &[&str], name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    known.iter().any(|known| same_name(known, last))
}

fn static_of(expr: &Expr) -> Option<(&TypeName, &Expr)> {
    let (target, name) = match &expr.kind {
        ExprKind::Member { target, name, is_static: true, .. }
        | ExprKind::Method { target, name, is_static: true, .. } => (target, name),
        _ => return None,
    };
    match &target.kind {
        ExprKind::Type(of) => Some((of, name)),
        _ => None,
    }
}

impl<'t> Guarded<'t> for Look {
    fn behind_guard(&mut self) -> &mut bool {
        &mut self.guarded
    }

    fn answers(&self) -> &Answers {
        &self.answers
    }
}

impl<'t> Visit<'t> for Look {
    fn visit_statement(&mut self, statement: &'t Statement) {
        guard::statement(self, statement);
    }

    fn visit_body(&mut self, body: &'t Body) {
        guard::body(self, body);
    }

    fn visit_attribute(&mut self, attribute: &'t Attribute) {
        if let Some(what) = attributes::not_understood(attribute) {
            let instead = "ValidateSet, ValidateRange, ValidateLength, ValidateCount, ValidatePattern, ValidateScript, \
                           ValidateNotNull, ValidateNotNullOrEmpty and ValidateNotNullOrWhiteSpace take values that are \
                           known before the script runs; check others at the function's start";
            return self.unsupported(attribute.span, &what, instead);
        }
        // What an attribute with arguments names is not looked for: [OutputType([T])] says something to readers alone.
        if !attribute.has_arguments {
            self.visit_type(&attribute.name);
        }
    }

    fn visit_catch(&mut self, catch: &'t Catch) {
        for of in &catch.types {
            self.caught(&type_text(of), of.span);
        }
        self.visit_body(&catch.body);
    }

    fn visit_type(&mut self, name: &'t TypeName) {
        if !same_name(&name.name, "ref") {
            self.check(&type_text(name), name.span);
        }
    }

    fn visit_assign(&mut self, assign: &'t Assign) {
        let ignored = |target: &Expr| static_of(target).is_some_and(|(of, _)| is_one_of(SET_IN_VAIN, &of.name));
        if !assign.targets.iter().all(ignored) {
            walk_assign(self, assign);
        }
    }

    fn visit_command(&mut self, command: &'t Command) {
        if command.constant_name.as_deref().is_some_and(|name| same_name(name, "New-Object")) {
            self.new_object(command);
        }
        for element in &command.elements {
            if let Element::Argument(value) | Element::Parameter { argument: Some(value), .. } = element {
                self.reference(value);
            }
        }
        walk_command(self, command);
    }

    fn visit_expr(&mut self, expr: &'t Expr) {
        let Some((of, name)) = static_of(expr) else { return walk_expr(self, expr) };
        let creates = matches!(&name.kind, ExprKind::Bareword(name) if same_name(name, "Create"));
        if creates && of.name.rsplit('.').next().is_some_and(|last| same_name(last, "scriptblock")) {
            let instead = "write the block itself, { … }; a command whose name is in a variable is called by & $name";
            self.unsupported(of.span.to(name.span), "[scriptblock]::Create", instead);
        } else {
            self.visit_type(of);
            self.member(of, name, matches!(expr.kind, ExprKind::Method { .. }));
        }
        self.visit_member_name(name);
        if let ExprKind::Method { arguments, .. } = &expr.kind {
            arguments.iter().for_each(|argument| self.visit_expr(argument));
        }
    }
}
