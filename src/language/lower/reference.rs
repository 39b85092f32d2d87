//! Static methods that change a variable of the caller: `[int]::TryParse($text, [ref]$n)`, `[array]::Sort($a)`.

use super::Lowerer;
use super::expr::type_text;
use super::map::quoted;
use crate::error::Span;
use crate::language::tree::*;
use crate::value::same_name;

impl Lowerer<'_> {
    /// Writes a call of such a method; `false` for all others.
    pub(super) fn by_reference(&mut self, target: &Expr, name: &Expr, arguments: &[Expr], span: Span) -> bool {
        let (ExprKind::Type(of), ExprKind::Bareword(method)) = (&target.kind, &name.kind) else { return false };
        let short = of.name.rsplit('.').next().unwrap_or_default();
        let exact = same_name(method, "TryParseExact") && arguments.len() > 2;
        match arguments {
            [text, .., last] if exact || same_name(method, "TryParse") => {
                let ExprKind::Cast { to, operand } = &last.kind else { return false };
                if !same_name(&to.name, "ref") {
                    return false;
                }
                let parsed = self.fresh("parsed");
                self.put(span, &format!("{{ let {parsed} = _try_parse({}, ", quoted(&type_text(of))));
                self.expr(text);
                // The forms; culture and styles behind them change nothing here.
                if let (true, Some(formats)) = (exact, arguments.get(1)) {
                    self.put(span, ", ");
                    self.expr(formats);
                }
                self.put(span, "); ");
                if matches!(&operand.kind, ExprKind::Variable(v) if same_name(&v.name, "null")) {
                    self.put(span, &format!("{parsed}[0] }}"));
                    return true;
                }
                self.store(operand, &mut |lowerer| lowerer.put(span, &format!("{parsed}[1]")));
                self.put(span, &format!("; {parsed}[0] }}"));
                true
            }
            [list, ..] if same_name(short, "array") && (same_name(method, "Sort") || same_name(method, "Reverse")) => {
                if !matches!(list.kind, ExprKind::Variable(_) | ExprKind::Member { is_static: false, .. }) {
                    return false;
                }
                self.put(span, "{ ");
                self.store(list, &mut |lowerer| {
                    lowerer.put(span, &format!("_static_call({}, {}, [", quoted(&type_text(of)), quoted(method)));
                    lowerer.comma_separated(arguments, span);
                    lowerer.put(span, "])");
                });
                self.put(span, "; _none() }");
                true
            }
            _ => false,
        }
    }
}
