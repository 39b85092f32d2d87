//! Positional arguments: by order of position, the default set before others, values as they are before converted ones.

use super::arguments::{Arg, Given};
use super::failure::{Failed, Failure, Kind};
use super::plan::{Plan, Sets};
use super::{Binding, Try, failure};
use std::collections::BTreeMap;

/// At one position: parameters with the sets in which they stand there (0: in all).
type Candidates = Vec<(usize, Vec<Sets>)>;

/// The unbound parameters that have a position, by position.
///
/// # Errors
/// `AmbiguousPositionalParameterNoName` where two of one set have the same.
pub(super) fn positions(plan: &Plan, unbound: &[usize], sets: Sets) -> Failed<BTreeMap<i32, Candidates>> {
    let mut found: BTreeMap<i32, Candidates> = BTreeMap::new();
    for at in unbound {
        let Some(param) = plan.params.get(*at).filter(|p| p.is_in(sets)) else { continue };
        for role in param.roles_in(sets).filter(|r| !r.remaining) {
            let Some(position) = role.position else { continue };
            let there = found.entry(position).or_default();
            let clash = |(other, flags): &(usize, Vec<Sets>)| {
                other != at && flags.iter().any(|f| f & role.flag != 0 || *f == role.flag)
            };
            if there.iter().any(clash) {
                return Err(failure::ambiguous_position(plan));
            }
            match there.iter_mut().find(|(known, _)| known == at) {
                Some((_, flags)) => flags.push(role.flag),
                None => there.push((*at, vec![role.flag])),
            }
        }
    }
    Ok(found)
}

/// Takes out what is in none of the sets that are left.
pub(super) fn narrow(positions: &mut BTreeMap<i32, Candidates>, sets: Sets) {
    for candidates in positions.values_mut() {
        for (_, flags) in candidates.iter_mut() {
            flags.retain(|flag| *flag == 0 || flag & sets != 0);
        }
        candidates.retain(|(_, flags)| !flags.is_empty());
    }
}

/// The next argument without a name. What has a name that fits nothing is put aside, with the value behind it.
pub(super) fn next(args: &[Arg], index: &mut usize, aside: &mut Vec<Arg>) -> Option<Arg> {
    while let Some(arg) = args.get(*index) {
        *index += 1;
        if arg.name.is_none() {
            return Some(arg.clone());
        }
        aside.push(arg.clone());
        if let Some(value) = args.get(*index).filter(|a| a.name.is_none()) {
            aside.push(value.clone());
            *index += 1;
        }
    }
    None
}

impl Binding {
    /// Binds positional arguments. Gives back what is left, and why the last one did not bind.
    pub(super) fn bind_positional(&mut self, args: Vec<Arg>) -> Failed<(Vec<Arg>, Option<Box<Failure>>)> {
        let mut error = None;
        if args.is_empty() {
            return Ok((args, error));
        }
        let mut positions = positions(&self.plan, &self.unbound, self.sets)?;
        if positions.is_empty() {
            return Ok((args, error));
        }
        let mut valid = self.sets;
        let default = self.plan.default;
        let mut left = Vec::new();
        let mut index = 0;
        let order: Vec<i32> = positions.keys().copied().collect();
        for position in order {
            let candidates = positions.get(&position).cloned().unwrap_or_default();
            if candidates.is_empty() {
                continue;
            }
            let Some(arg) = next(&args, &mut index, &mut left) else { break };
            let Some(value) = arg.value.clone() else { continue };
            let mut done = false;
            for how in [Try::AsItIs, Try::Converted] {
                for sets in [default, valid] {
                    if !done && sets & valid != 0 {
                        (done, error) =
                            self.try_position(&candidates, sets, &value, how).map_err(|f| f.at(Some(arg.span)))?;
                    }
                }
            }
            if !done {
                left.push(arg);
            } else if valid != self.sets {
                valid = self.sets;
                narrow(&mut positions, valid);
            }
        }
        left.extend(args.into_iter().skip(index));
        Ok((left, error))
    }

    /// Tries the parameters of one position in the sets given; each that fits takes the value, as in PowerShell: two
    /// sets that fit alike are then found ambiguous.
    fn try_position(
        &mut self,
        candidates: &Candidates,
        sets: Sets,
        value: &Given,
        how: Try,
    ) -> Failed<(bool, Option<Box<Failure>>)> {
        let (mut any, mut error) = (false, None);
        for (at, flags) in candidates {
            if !flags.iter().any(|flag| *flag == 0 || flag & sets != 0) {
                continue;
            }
            // A value that is not known yet goes to the first that could take it.
            if any && value.known().is_none() {
                break;
            }
            match self.bind(*at, value.clone(), how, true) {
                Ok(bound) => any |= bound,
                Err(failure) if failure.kind == Kind::Other => error = Some(failure),
                Err(failure) => return Err(failure),
            }
        }
        Ok((any, error))
    }
}
