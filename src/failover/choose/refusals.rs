//! Why a wish means nothing that could be done.

use super::{Chooser, End, IS_ACTIVE};
use crate::error::{Category, ErrorRecord};
use crate::failover::state::Underway;
use crate::failover::wish::SqlName;
use crate::value::near::nearest;
use crate::value::same_name;

impl Chooser<'_> {
    /// What was named is no place of the database; what may have been meant.
    pub(super) fn no_standby_of(&self, server: &str, instance: Option<&str>) -> ErrorRecord {
        let source = self.source();
        let shown = |end: &End| match end.instance.as_str() {
            "" => end.sql.clone(),
            instance => format!("{}\\{instance}", end.sql),
        };
        let named = instance.map_or_else(|| server.to_owned(), |instance| format!("{server}\\{instance}"));
        let message = format!("{named} is no place of {}.", self.places.database.called());
        let error = ErrorRecord::new("TargetNotStandby", Category::InvalidArgument, message).target(named.as_str());
        // Who has it is no target, however near its name is.
        let others = || self.ends.iter().filter(|end| end.computer != source.computer);
        let near = match instance {
            // The server is right: one of its own instances is meant.
            Some(_) => others().find(|end| same_name(&end.computer, server) || same_name(&end.sql, server)).map(shown),
            None => {
                nearest(server, others().flat_map(|end| [end.sql.as_str(), end.computer.as_str()])).map(str::to_owned)
            }
        };
        let error = match near {
            Some(near) => error.hint(format!("Did you mean {near}?")),
            None => error,
        };
        let stand_by: Vec<String> = others().map(shown).collect();
        if stand_by.is_empty() {
            return error.hint(format!("It is at {} alone; nothing stands by.", shown(&source)));
        }
        error.hint(format!("It is at {}; {} stand by.", shown(&source), stand_by.join(", ")))
    }

    /// What was named as the mirror is none of the target.
    pub(super) fn not_its_mirror(&self, target: &End, name: &SqlName) -> ErrorRecord {
        let instance = name.instance.as_ref().map_or_else(String::new, |instance| format!("\\{instance}"));
        let message = format!("{}{instance} is not the mirror of {}\\{}.", name.fqdn, target.sql, target.instance);
        let error =
            ErrorRecord::new("MirrorNotOfTarget", Category::InvalidArgument, message).target(name.fqdn.as_str());
        match self.partner(target) {
            Some(partner) => error.hint(format!("Its mirror is {}\\{}.", partner.sql, partner.instance)),
            None => error.hint("The topology names no mirror of it: leave the mirror's parameters away."),
        }
    }

    /// It is where it was.
    pub(super) fn nothing_to_restore(&self) -> ErrorRecord {
        self.no_way_back(&format!("{} has not failed over, or is back already", self.places.database.called()))
    }

    /// It is where it was: the last failover was given up.
    pub(super) fn undone_already(&self, over: &Underway) -> ErrorRecord {
        let (id, source, target, name) = (&over.id, &over.source, &over.target, self.places.database.called());
        self.no_way_back(&format!("the last failover, {id} to {target}, was undone, and {source} has {name}"))
    }

    /// Every report was had.
    pub(super) fn no_report(&self) -> ErrorRecord {
        let name = self.places.database.called();
        let message = format!("No failover of {name} is over whose report you ordered, and nobody had.");
        ErrorRecord::new("ReportNotFound", Category::ObjectNotFound, message)
            .hint("-WhatIf says where it is, and what is under way. A report is kept for a quarter of an hour.")
    }

    fn no_way_back(&self, why: &str) -> ErrorRecord {
        let message = format!("There is nothing to restore: {why}.");
        ErrorRecord::new("NothingToRestore", Category::InvalidOperation, message)
            .hint("-WhatIf without -Restore says where it is and where it would go.")
    }

    /// It is there already.
    pub(super) fn is_active(&self, target: &End) -> ErrorRecord {
        let message = format!("{} has {} already.", target.computer, self.places.database.called());
        ErrorRecord::new(IS_ACTIVE, Category::InvalidOperation, message).target(target.computer.as_str())
    }
}
