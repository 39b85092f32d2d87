//! Which parameter set is meant.

use super::Binding;
use super::failure::{self, Failed};
use super::plan::{ALL, Sets};

/// How many sets are left; all of them count as one.
pub(super) fn count(sets: Sets) -> usize {
    if sets == ALL { 1 } else { sets.count_ones() as usize }
}

impl Binding {
    /// Checks that a set is left, and settles on one as far as that can be. The count of sets that are left.
    ///
    /// `before_input`: objects of the pipeline may still decide. `settle`: take the default set where it is among them.
    ///
    /// # Errors
    /// `AmbiguousParameterSet`.
    pub(super) fn validate_sets(&mut self, before_input: bool, settle: bool) -> Failed<usize> {
        let default = self.plan.default;
        let valid = count(self.sets);
        if valid == 0 {
            return Err(self.ambiguous());
        }
        if valid > 1 {
            if before_input && self.pipeline_may_decide() {
                return Ok(valid);
            }
            if default != 0 && self.sets & default != 0 {
                self.set_name = self.plan.set_name(default);
                if settle {
                    self.sets = default;
                    return Ok(1);
                }
                return Ok(valid);
            }
            return self.settle_by_mandatory();
        }
        let mut valid = valid;
        if self.sets == ALL {
            valid = self.plan.sets.len().max(1);
            if before_input && self.pipeline_may_decide() {
                // The default set waits until objects have come.
            } else if default != 0 {
                if settle {
                    self.sets = default;
                    valid = 1;
                }
            } else if valid > 1 {
                valid = self.settle_by_mandatory()?;
            }
        }
        self.set_name = self.plan.set_name(self.sets);
        Ok(valid)
    }

    fn ambiguous(&self) -> Box<super::Failure> {
        failure::ambiguous_set(&self.plan, &self.taken())
    }

    fn pipeline_may_decide(&self) -> bool {
        self.unbound.iter().filter_map(|at| self.plan.params.get(*at)).any(|p| p.takes_pipeline_in(self.sets))
    }

    /// Of several sets the one that lacks no mandatory parameter.
    fn settle_by_mandatory(&mut self) -> Failed<usize> {
        if self.uncertain {
            return Ok(1);
        }
        let all = self.plan.params.iter().fold(0, |sets, p| sets | p.flags);
        let unbound = self.unbound.iter().filter_map(|at| self.plan.params.get(*at));
        let lacking = unbound.flat_map(|p| &p.roles).filter(|r| r.mandatory).fold(0, |sets, r| sets | r.flag);
        let fitting = self.sets & all & !lacking;
        if fitting.count_ones() != 1 {
            return Err(self.ambiguous());
        }
        self.sets = fitting;
        self.set_name = self.plan.set_name(fitting);
        Ok(1)
    }

    /// The sets in which something still takes pipeline input; all that are left if none does.
    pub(super) fn sets_with_pipeline(&self) -> Sets {
        let delayed = self.delayed.iter().filter_map(|(at, _)| self.plan.params.get(*at));
        let mut taking = delayed.fold(0, |sets, p| sets | p.flags);
        for param in self.unbound.iter().filter_map(|at| self.plan.params.get(*at)) {
            for role in param.roles_in(self.sets).filter(|r| r.takes_pipeline()) {
                if role.flag == 0 {
                    return self.sets;
                }
                taking |= role.flag;
            }
        }
        if taking == 0 { self.sets } else { self.sets & taking }
    }

    /// Where sets are declared, one must be chosen in the end.
    pub(super) fn one_set_selected(&mut self) -> Failed<()> {
        if self.plan.sets.len() > 1 && self.sets == ALL && !self.uncertain {
            if self.plan.default == 0 {
                return Err(self.ambiguous());
            }
            self.sets = self.plan.default;
        }
        Ok(())
    }
}
