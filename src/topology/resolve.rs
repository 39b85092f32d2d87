//! From keys to names: every reference is looked up, everything is held against the rest.

use super::model::{Computer, Dependency, Pool, Service, Site, SqlInstance, SqlPlace};
use super::raw::{Findings, Raw, RawCluster, RawRef, RawService, shown};
use super::{Topology, roles};
use std::collections::{HashMap, HashSet};

/// Where a service can be.
#[derive(Clone, Copy)]
enum Place {
    Cluster(usize),
    Sql(usize),
}

pub(super) fn resolve(text: &str, raw: Raw, findings: &mut Findings) -> Topology {
    let mut topology = Topology {
        text: text.into(),
        form: raw.form,
        signature: raw.signature,
        default_domain: raw.default_domain,
        domains: raw.domains,
        simple_urls: raw.simple_urls,
        sites: Vec::with_capacity(raw.sites.len()),
        pools: Vec::with_capacity(raw.clusters.len()),
        sql_instances: Vec::with_capacity(raw.sql.len()),
        services: Vec::with_capacity(raw.services.len()),
        warnings: Vec::new(),
    };
    let sites = sites(&mut topology, &raw.sites, findings);
    let mut places = HashMap::new();
    pools(&mut topology, &raw.clusters, &sites, &mut places, findings);
    for sql in &raw.sql {
        let Some(Place::Cluster(at)) = places.get(&sql.cluster).copied() else {
            findings.add(sql.at, format!("SQL instance {} is on a cluster that is not there", shown(&sql.key)));
            continue;
        };
        if places.insert(sql.key.clone(), Place::Sql(topology.sql_instances.len())).is_some() {
            findings.add(sql.at, format!("SQL instance {} is there twice", shown(&sql.key)));
        }
        let pool = &topology.pools[at];
        topology.sql_instances.push(SqlInstance {
            name: sql.name.clone(),
            pool: pool.fqdn.clone(),
            site: pool.site.clone(),
            always_on_primary: sql.always_on_primary.clone(),
            pool_index: at,
        });
    }
    services(&mut topology, raw.services, &sites, &places, findings);
    if findings.is_empty() {
        pairs(&mut topology);
        store(&mut topology);
    }
    topology
}

fn sites(topology: &mut Topology, raw: &[super::raw::RawSite], findings: &mut Findings) -> HashMap<String, usize> {
    let mut by_id = HashMap::new();
    let mut names = HashMap::new();
    if raw.is_empty() {
        findings.add(0, "there is no site");
    }
    for (at, site) in raw.iter().enumerate() {
        if by_id.insert(site.id.clone(), at).is_some() {
            findings.add(site.at, format!("SiteId {} is there twice", shown(&site.id)));
        }
        if names.insert(site.name.to_lowercase(), at).is_some() {
            findings.add(site.at, format!("two sites have the name {}", shown(&site.name)));
        }
    }
    for site in raw {
        let [city, state, country] = site.location.clone();
        let parent = site.parent.as_ref().and_then(|id| match by_id.get(id) {
            Some(parent) => Some(format!("Site:{}", raw[*parent].name)),
            None => {
                findings.add(site.at, format!("site {} belongs to site {}, which is not there", site.name, shown(id)));
                None
            }
        });
        topology.sites.push(Site {
            id: site.id.clone(),
            name: site.name.clone(),
            identity: format!("Site:{}", site.name),
            description: site.description.clone(),
            parent,
            city,
            state,
            country,
        });
    }
    by_id
}

fn pools(
    topology: &mut Topology,
    raw: &[RawCluster],
    sites: &HashMap<String, usize>,
    places: &mut HashMap<String, Place>,
    findings: &mut Findings,
) {
    let mut pool_names = HashMap::new();
    let mut computer_names: HashMap<String, usize> = HashMap::new();
    for cluster in raw {
        check_name(&cluster.fqdn, "cluster", cluster.at, findings);
        let Some(site_index) = sites.get(&cluster.site).copied() else {
            let what = format!("cluster {} is in site {}, which is not there", cluster.fqdn, shown(&cluster.site));
            findings.add(cluster.at, what);
            continue;
        };
        let index = topology.pools.len();
        if places.insert(cluster.key.clone(), Place::Cluster(index)).is_some() {
            findings.add(cluster.at, format!("ClusterId {} is there twice", shown(&cluster.key)));
        }
        if pool_names.insert(cluster.fqdn.to_lowercase(), index).is_some() {
            findings.add(cluster.at, format!("two clusters have the name {}", shown(&cluster.fqdn)));
        }
        let site = topology.sites[site_index].identity.clone();
        let mut computers = Vec::with_capacity(cluster.machines.len());
        for machine in &cluster.machines {
            // A draft leaves the name of a single computer to its cluster.
            let fqdn = machine.fqdn.clone().unwrap_or_else(|| cluster.fqdn.clone());
            check_name(&fqdn, "computer", machine.at, findings);
            if let Some(other) = computer_names.insert(fqdn.to_lowercase(), index) {
                let of = topology.pools.get(other).map_or(cluster.fqdn.as_str(), |pool| pool.fqdn.as_str());
                findings.add(machine.at, format!("computer {} is there twice, first in {}", shown(&fqdn), shown(of)));
            }
            computers.push(Computer {
                fqdn,
                pool: cluster.fqdn.clone(),
                site: site.clone(),
                fault_domain: machine.fault_domain.clone(),
                upgrade_domain: machine.upgrade_domain.clone(),
            });
        }
        topology.pools.push(Pool {
            fqdn: cluster.fqdn.clone(),
            site,
            computers,
            requires_replication: cluster.requires_replication,
            requires_setup: cluster.requires_setup,
            services: Vec::new(),
            backup_pool: None,
            site_index,
        });
    }
}

/// A name of a pool or computer also names directories and goes into addresses, so it is held to what hosts may have.
fn check_name(fqdn: &str, what: &str, at: usize, findings: &mut Findings) {
    const LONGEST: usize = 253;
    let label = |l: &str| !l.is_empty() && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if fqdn.len() > LONGEST || !fqdn.split('.').all(label) {
        findings.add(at, format!("\"{}\" is not a name that a {what} can have", shown(fqdn)));
    }
}

fn services(
    topology: &mut Topology,
    raw: Vec<RawService>,
    sites: &HashMap<String, usize>,
    places: &HashMap<String, Place>,
    findings: &mut Findings,
) {
    let mut keys: HashMap<String, usize> = HashMap::new();
    let mut counts: HashMap<(usize, String), u32> = HashMap::new();
    // Where each service of the document ended up, so that references can be looked up once all are there.
    let mut references = Vec::with_capacity(raw.len());
    for service in raw {
        let place = match places.get(&service.installed.key) {
            Some(place) => *place,
            None => {
                let what = format!(
                    "service {} is installed on {}, which is not there",
                    shown(&service.key),
                    shown(&service.installed.key)
                );
                findings.add(service.installed.at, what);
                continue;
            }
        };
        let sql = sql_place(topology, place);
        let mirror = service.mirror.as_ref().and_then(|mirror| mirror_place(topology, mirror, places, findings));
        let pool_index = match place {
            Place::Cluster(at) => at,
            Place::Sql(at) => topology.sql_instances[at].pool_index,
        };
        let pool = &topology.pools[pool_index];
        let (site_index, fqdn, site) = (pool.site_index, pool.fqdn.clone(), pool.site.clone());
        let (site_id, site, instance) = match service.numbers {
            Some((id, instance)) => match sites.get(&id) {
                Some(found) => (id, topology.sites[*found].identity.clone(), instance),
                None => {
                    findings.add(service.at, format!("service {} is of a site that is not there", shown(&service.key)));
                    continue;
                }
            },
            None => {
                let count = counts.entry((site_index, service.role_name.clone())).or_default();
                *count += 1;
                (topology.sites[site_index].id.clone(), site, *count)
            }
        };
        let index = topology.services.len();
        if keys.insert(service.key.clone(), index).is_some() {
            findings.add(service.at, format!("service {} is there twice", shown(&service.key)));
        }
        let director = service.settings.iter().any(|(n, v)| n == "IsDirector" && v.eq_ignore_ascii_case("true"));
        let role = if director { roles::DIRECTOR } else { roles::role(&service.role_name) };
        references.push((index, service.depends));
        topology.services.push(Service {
            identity: format!("{role}:{fqdn}"),
            role: role.to_string(),
            service_id: format!("{site_id}-{}-{instance}", service.role_name),
            role_name: service.role_name,
            site,
            pool: fqdn,
            version: service.version,
            sql,
            mirror,
            depends_on: Vec::new(),
            ports: service.ports,
            settings: service.settings,
            components: service.components,
            pool_index,
        });
    }
    for (index, depends) in references {
        for (usage, RawRef { at, key }) in depends {
            match keys.get(&key) {
                Some(needed) => {
                    let identity = topology.services[*needed].identity.clone();
                    topology.services[index].depends_on.push(Dependency { usage, identity, service: *needed });
                }
                None => {
                    let of = &topology.services[index].service_id;
                    findings.add(at, format!("service {of} depends on {}, which is not there", shown(&key)));
                }
            }
        }
    }
    for service in &topology.services {
        topology.pools[service.pool_index].services.push(service.identity.clone());
    }
}

fn sql_place(topology: &Topology, place: Place) -> Option<SqlPlace> {
    let Place::Sql(at) = place else { return None };
    let instance = topology.sql_instances.get(at)?;
    let pool = topology.pools.get(instance.pool_index)?;
    let computer = pool.computers.first().map_or_else(|| pool.fqdn.clone(), |c| c.fqdn.clone());
    Some(SqlPlace { fqdn: pool.fqdn.clone(), instance: instance.name.clone(), computer })
}

fn mirror_place(
    topology: &Topology,
    mirror: &RawRef,
    places: &HashMap<String, Place>,
    findings: &mut Findings,
) -> Option<SqlPlace> {
    let place = places.get(&mirror.key).and_then(|place| sql_place(topology, *place));
    if place.is_none() {
        findings.add(mirror.at, format!("the mirror is on SQL instance {}, which is not there", shown(&mirror.key)));
    }
    place
}

/// Which pools back each other: by `UserServices`, else by registrars that name each other.
fn pairs(topology: &mut Topology) {
    let mut warnings = Vec::new();
    let named = |role: &str| -> Vec<(usize, usize)> {
        let services = topology.services.iter().enumerate().filter(|(_, s)| s.role_name == role);
        services
            .flat_map(|(at, s)| s.depends_on.iter().filter(|d| d.usage == "Backup").map(move |d| (at, d.service)))
            .collect()
    };
    let pool = |service: usize| topology.services[service].pool.clone();
    let mut backups: HashMap<String, String> = HashMap::new();
    let registrars: HashSet<(usize, usize)> = named("Registrar").into_iter().collect();
    for (from, to) in named("UserServices") {
        if let Some(other) = backups.insert(pool(from), pool(to)).filter(|other| *other != pool(to)) {
            warnings.push(format!("Pool {} names two backup pools, {other} and {}.", pool(from), pool(to)));
        }
    }
    for (from, to) in &registrars {
        if registrars.contains(&(*to, *from)) {
            backups.entry(pool(*from)).or_insert_with(|| pool(*to));
        }
    }
    let mut one_sided: Vec<&String> = backups.keys().filter(|p| backups.get(&backups[*p]) != Some(*p)).collect();
    one_sided.sort();
    for from in one_sided {
        let to = &backups[from];
        let back = backups.get(to).map_or_else(|| "none".to_string(), Clone::clone);
        warnings.push(format!("Pool {from} names {to} as its backup pool, but {to} names {back}."));
    }
    for pool in &mut topology.pools {
        pool.backup_pool = backups.get(&pool.fqdn).cloned();
    }
    topology.warnings.extend(warnings);
}

/// What is said of the Central Management store.
fn store(topology: &mut Topology) {
    let places = topology.store_places();
    let active = places.iter().filter(|place| place.active).count();
    if active != 1 && topology.form == super::Form::Published {
        topology.warnings.push(match active {
            0 => "No pool holds the active Central Management store.".to_string(),
            n => format!("{n} pools claim the active Central Management store; the first counts."),
        });
    }
    for service in topology.services.iter().filter(|s| s.role == "CentralManagement") {
        if service.needs("CentralManagementDatabase", "Default").is_none() {
            topology.warnings.push(format!("{} has no CentralManagementDatabase.", service.identity));
        }
    }
}
