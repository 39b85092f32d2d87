//! Mandatory parameters without a value: which are missing for good, and which the pipeline may still give.

use super::Binding;
use super::failure::{self, Failed};
use super::plan::{ALL, Sets};
use super::sets::count;
use std::collections::BTreeMap;

/// The mandatory parameters of one set (or of all) that have no value.
#[derive(Default)]
struct Lack {
    /// Only the command line can give them.
    line: Vec<usize>,
    /// The pipeline can give them.
    pipeline: Vec<usize>,
    by_value: bool,
    by_property_name: bool,
}

type Lacks = BTreeMap<Sets, Lack>;

impl Binding {
    /// The mandatory parameters that must be asked for; where objects are to come, those that they cannot give.
    /// Where that shows which set is meant, settles on it.
    ///
    /// # Errors
    /// `AmbiguousParameterSet`.
    pub(super) fn missing_mandatory(&mut self, valid: usize, input: bool) -> Failed<Vec<usize>> {
        let plan = self.plan.clone();
        let default = plan.default;
        let mut lacks = Lacks::new();
        let mut missing = Vec::new();
        let mut lacking: Sets = 0;
        let mut lacking_in_all = false;
        for at in &self.unbound {
            let Some(param) = plan.params.get(*at).filter(|p| p.is_mandatory_somewhere()) else { continue };
            let mut lacks_this = false;
            for role in param.roles_in(self.sets).filter(|r| r.mandatory) {
                lacks_this = true;
                let flag = if role.flag == 0 { ALL } else { role.flag };
                let lack = lacks.entry(flag).or_default();
                if input && role.takes_pipeline() {
                    lack.pipeline.push(*at);
                    lack.by_value |= role.by_value;
                    lack.by_property_name |= role.by_property_name;
                } else {
                    lack.line.push(*at);
                }
                if role.flag == 0 {
                    lacking_in_all = true;
                } else {
                    lacking |= self.sets & role.flag;
                }
            }
            if lacks_this && !input {
                missing.push(*at);
            }
        }
        if lacks.is_empty() || !input {
            return Ok(missing);
        }
        if lacking == 0 {
            lacking = self.sets;
        }
        if lacking_in_all {
            let known = plan.params.iter().fold(0, |sets, p| sets | p.flags);
            lacking = self.sets & if known == 0 { ALL } else { known };
        }
        self.choose(lacks, lacking, valid, default)
    }

    fn choose(&mut self, lacks: Lacks, mut lacking: Sets, valid: usize, default: Sets) -> Failed<Vec<usize>> {
        // The default set lacks nothing: it is taken, unless objects could fill another.
        if valid > 1 && default != 0 && default & lacking == 0 && default & self.sets != 0 {
            let other = |(set, lack): (&Sets, &Lack)| {
                *set != ALL && set & self.sets != 0 && set & default == 0 && !lack.pipeline.is_empty()
            };
            if !lacks.iter().any(other) {
                lacking = self.sets & !lacking;
                self.sets = lacking;
                if self.sets == default {
                    self.set_name = self.plan.set_name(default);
                } else {
                    self.first_tried = default;
                }
            }
        }
        match count(lacking) {
            0 => return Err(failure::ambiguous_set(&self.plan, &self.taken())),
            1 => return Ok(from_line(&lacks, lacking)),
            _ if self.first_tried != 0 => return Ok(Vec::new()),
            _ => {}
        }
        if default != 0 && lacking & default != 0 && takes_default(&lacks, default) {
            self.sets = default;
            self.set_name = self.plan.set_name(default);
            return Ok(from_line(&lacks, default));
        }
        self.choose_other(&lacks, lacking)
    }

    /// None is the default: the one set that objects can fill, if there is one.
    fn choose_other(&mut self, lacks: &Lacks, lacking: Sets) -> Failed<Vec<usize>> {
        let only = |takes: fn(&Lack) -> bool| {
            let mut sets = lacks.iter().filter(|(set, lack)| **set != ALL && **set & lacking != 0 && takes(lack));
            match (sets.next(), sets.next()) {
                (Some((set, _)), None) => Only::One(*set),
                (None, _) => Only::None,
                _ => Only::Several,
            }
        };
        let by_value = only(|lack| lack.by_value);
        let by_name = only(|lack| lack.by_property_name);
        let unique = match (&by_value, &by_name) {
            (Only::One(a), Only::One(b)) if a == b => Some(*a),
            (Only::One(set), Only::None) | (Only::None, Only::One(set)) => Some(*set),
            _ => None,
        };
        if let Some(set) = unique {
            return Ok(self.keep_set(lacks, set));
        }
        let with_line = lacks.iter().filter(|(set, l)| (**set == ALL || **set & lacking != 0) && !l.line.is_empty());
        let with_line: Vec<Sets> = with_line.map(|(set, _)| *set).collect();
        if with_line.is_empty() {
            return Ok(Vec::new());
        }
        match (by_value, by_name) {
            (Only::One(set), _) => Ok(self.keep_set(lacks, set)),
            (Only::None, Only::One(set)) => Ok(self.keep_set(lacks, set)),
            _ => {
                let ignored = with_line.iter().filter(|set| **set != ALL).fold(0, |sets, set| sets | set);
                if self.sets == ALL {
                    self.sets = self.plan.params.iter().fold(0, |sets, p| sets | p.flags);
                }
                self.sets &= !ignored;
                if self.sets == 0 || with_line.contains(&ALL) && ignored == 0 {
                    return Err(failure::ambiguous_set(&self.plan, &self.taken()));
                }
                if count(self.sets) == 1 {
                    self.set_name = self.plan.set_name(self.sets);
                }
                Ok(lacks.get(&ALL).map(|l| l.line.clone()).unwrap_or_default())
            }
        }
    }

    /// Settles on a set that objects can fill; sets that lack nothing stay possible.
    fn keep_set(&mut self, lacks: &Lacks, set: Sets) -> Vec<usize> {
        let chosen_needs_line = lacks.get(&set).is_some_and(|l| !l.line.is_empty());
        let others = lacks.keys().filter(|s| **s != ALL && **s & set == 0).fold(0, |sets, s| sets | s);
        if chosen_needs_line {
            self.sets = set;
        } else {
            if self.sets == ALL {
                self.sets = self.plan.params.iter().fold(self.plan.default, |sets, p| sets | p.flags);
            }
            self.sets &= !others;
        }
        if count(self.sets) == 1 {
            self.set_name = self.plan.set_name(self.sets);
        }
        from_line(lacks, set)
    }
}

enum Only {
    None,
    One(Sets),
    Several,
}

/// What only the command line can give, of these sets and of all.
fn from_line(lacks: &Lacks, sets: Sets) -> Vec<usize> {
    let mut missing: Vec<usize> = Vec::new();
    for at in lacks.iter().filter(|(set, _)| **set == ALL || **set & sets != 0).flat_map(|(_, lack)| &lack.line) {
        if !missing.contains(at) {
            missing.push(*at);
        }
    }
    missing
}

/// Whether the default set is taken although others lack mandatory parameters too.
fn takes_default(lacks: &Lacks, default: Sets) -> bool {
    let mut others = lacks.iter().filter(|(set, _)| **set != ALL && **set & default == 0);
    let another_takes = others.clone().any(|(_, l)| !l.pipeline.is_empty() && l.line.is_empty());
    let another_by_name = others.any(|(_, l)| l.by_property_name);
    let of_default = lacks.get(&default);
    let by_name = of_default.is_some_and(|l| l.by_property_name) && !another_by_name;
    let takes = of_default.is_some_and(|l| !l.pipeline.is_empty()) && !another_takes;
    by_name || takes || !another_takes || lacks.get(&ALL).is_some_and(|l| !l.line.is_empty())
}
