//! The calls that led to an error: which function, and where it was called.

use super::{Source, Span};
use std::sync::Arc;

/// How many calls an error keeps, the innermost: what a person reads. Of a recursion the others say the same.
pub const MOST_CALLS: usize = 16;

/// One call around the place of an error.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function that was called.
    pub function: String,
    /// Where the call stands, if that is in a text.
    pub place: Option<(Arc<Source>, Span)>,
    /// How far inside it is: twice the number of functions of command mode from it outwards, and one more for a
    /// function of Rhai that one of them called.
    pub rank: usize,
}

/// The calls around an error, the innermost first.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    calls: Vec<Call>,
    /// How many more there were.
    left_out: usize,
}

impl Calls {
    /// Those of a stack of calls, the outermost first.
    pub fn of_stack(stack: &[Call]) -> Calls {
        let calls: Vec<Call> = stack.iter().rev().take(MOST_CALLS).cloned().collect();
        Calls { left_out: stack.len() - calls.len(), calls }
    }

    /// Adds a call of which only the way out tells: outside of those that are further inside, or were added before.
    pub fn add(&mut self, call: Call) {
        let at = self.calls.iter().position(|known| known.rank < call.rank).unwrap_or(self.calls.len());
        if self.calls.len() >= MOST_CALLS {
            self.left_out += 1;
            if at >= MOST_CALLS {
                return;
            }
            self.calls.pop();
        }
        self.calls.insert(at, call);
    }

    /// The innermost ones, the innermost first.
    pub fn innermost(&self) -> &[Call] {
        &self.calls
    }

    /// How many more there were around them.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(function: &str, rank: usize) -> Call {
        Call { function: function.into(), place: None, rank }
    }

    fn names(calls: &Calls) -> Vec<&str> {
        calls.innermost().iter().map(|call| call.function.as_str()).collect()
    }

    /// Rule: calls stand by how far inside they are, and of a recursion the innermost are kept.
    #[test]
    fn calls_stand_from_the_inside_out_and_are_bounded() {
        let mut calls = Calls::of_stack(&[call("outer", 2), call("inner", 4)]);
        calls.add(call("rhai inside of inner", 5));
        calls.add(call("rhai between", 3));
        calls.add(call("rhai around that", 3));
        calls.add(call("rhai around all", 1));
        let expected =
            ["rhai inside of inner", "inner", "rhai between", "rhai around that", "outer", "rhai around all"];
        assert_eq!(names(&calls), expected);
        let deep: Vec<Call> = (1..=100).map(|n| call(&n.to_string(), 2 * n)).collect();
        let calls = Calls::of_stack(&deep);
        assert_eq!((calls.innermost().len(), calls.left_out()), (MOST_CALLS, 100 - MOST_CALLS));
        assert_eq!(calls.innermost()[0].function, "100");
    }
}
