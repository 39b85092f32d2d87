//! A signature made ready for binding: sets as bits, common parameters beside the cmdlet's own.

use crate::cmdlet::common;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType};
use crate::value::Str;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// Parameter sets as bits; [`ALL`] while nothing has narrowed them.
pub(super) type Sets = u64;

/// Every set.
pub(super) const ALL: Sets = Sets::MAX;

/// More signatures than a session sees; past it the cache starts anew.
const PLANS_KEPT: usize = 2048;

/// The role of a parameter in one set, or in all.
#[derive(Clone, Debug)]
pub(super) struct Role {
    /// The set's bit; 0 in all sets.
    pub flag: Sets,
    pub mandatory: bool,
    pub position: Option<i32>,
    pub by_value: bool,
    pub by_property_name: bool,
    pub remaining: bool,
}

impl Role {
    /// Whether it is a role in one of these sets.
    pub fn is_in(&self, sets: Sets) -> bool {
        self.flag == 0 || self.flag & sets != 0
    }

    pub fn takes_pipeline(&self) -> bool {
        self.by_value || self.by_property_name
    }
}

/// One parameter, ready for binding.
#[derive(Clone, Debug)]
pub(super) struct Param {
    pub spec: ParameterSpec,
    /// The sets that it belongs to; 0 if to all.
    pub flags: Sets,
    pub in_all: bool,
    pub roles: Vec<Role>,
    /// A common parameter.
    pub common: bool,
}

impl Param {
    pub fn is_mandatory_somewhere(&self) -> bool {
        self.roles.iter().any(|r| r.mandatory)
    }

    pub fn takes_pipeline_somewhere(&self) -> bool {
        self.roles.iter().any(Role::takes_pipeline)
    }

    pub fn takes_pipeline_in(&self, sets: Sets) -> bool {
        self.roles.iter().any(|r| r.is_in(sets) && r.takes_pipeline())
    }

    pub fn is_in(&self, sets: Sets) -> bool {
        self.in_all || self.flags & sets != 0
    }

    /// Its roles in the sets given.
    pub fn roles_in(&self, sets: Sets) -> impl Iterator<Item = &Role> {
        self.roles.iter().filter(move |r| r.is_in(sets))
    }

    pub fn is_switch(&self) -> bool {
        self.spec.kind == ParameterType::Switch
    }
}

/// A signature made ready for binding.
pub(super) struct Plan {
    pub spec: Arc<CmdletSpec>,
    /// The cmdlet's own parameters in order of declaration, then the common ones.
    pub params: Vec<Param>,
    /// The names of the sets by bit.
    pub sets: Vec<Str>,
    /// The bit of the default set; 0 if there is none.
    pub default: Sets,
}

impl Plan {
    /// The plan of a signature, made once.
    pub fn of(spec: &Arc<CmdletSpec>) -> Rc<Plan> {
        thread_local! {
            static PLANS: RefCell<HashMap<*const CmdletSpec, Rc<Plan>>> = RefCell::default();
        }
        // A plan holds its signature, so that the address cannot pass to another while the plan is kept.
        PLANS.with_borrow_mut(|plans| {
            if plans.len() > PLANS_KEPT {
                plans.clear();
            }
            plans.entry(Arc::as_ptr(spec)).or_insert_with(|| Rc::new(Plan::new(spec))).clone()
        })
    }

    fn new(spec: &Arc<CmdletSpec>) -> Plan {
        let mut sets: Vec<Str> = Vec::new();
        let mut bit = |name: &Str| -> Sets {
            let at = sets.iter().position(|s| crate::value::same_name(s, name)).unwrap_or_else(|| {
                sets.push(name.clone());
                sets.len() - 1
            });
            // A signature with more than 63 sets does not exist; the last ones would share a bit.
            1 << at.min(62)
        };
        let default = spec.default_set.as_ref().map_or(0, &mut bit);
        let own_names = |name: &str| spec.parameters.iter().any(|p| crate::value::same_name(&p.name, name));
        let common: Vec<ParameterSpec> =
            common::parameters(spec.should_process).into_iter().filter(|p| !own_names(&p.name)).collect();
        let own = spec.parameters.len();
        let mut params: Vec<Param> = Vec::with_capacity(own + common.len());
        for (at, parameter) in spec.parameters.iter().cloned().chain(common).enumerate() {
            let roles: Vec<Role> = parameter
                .sets
                .iter()
                .map(|m| Role {
                    flag: m.set.as_ref().map_or(0, &mut bit),
                    mandatory: m.mandatory,
                    position: m.position,
                    by_value: m.by_value,
                    by_property_name: m.by_property_name,
                    remaining: m.remaining,
                })
                .collect();
            let flags = roles.iter().fold(0, |all, r| all | r.flag);
            let in_all = roles.iter().any(|r| r.flag == 0);
            params.push(Param { spec: parameter, flags, in_all, roles, common: at >= own });
        }
        if spec.positional_binding {
            number_in_order(&mut params);
        }
        Plan { spec: spec.clone(), params, sets, default }
    }

    pub fn command(&self) -> &Str {
        &self.spec.name
    }

    /// The set's name in force: of one set its own, of several the default's.
    pub fn set_name(&self, sets: Sets) -> Option<Str> {
        let one = sets != ALL && sets.count_ones() == 1;
        let flag = if one { sets } else { self.default };
        if flag == 0 { None } else { self.sets.get(flag.trailing_zeros() as usize).cloned() }
    }
}

/// What a function without explicit positions has: its parameters in order, switches apart.
fn number_in_order(params: &mut [Param]) {
    let declared = |p: &Param| p.roles.iter().any(|r| r.position.is_some() || r.flag != 0);
    if params.iter().any(declared) {
        return;
    }
    let takes = |p: &&mut Param| !p.common && !p.is_switch() && !p.roles.iter().any(|r| r.remaining);
    for (position, param) in (0..).zip(params.iter_mut().filter(takes)) {
        for role in &mut param.roles {
            role.position = Some(position);
        }
    }
}
