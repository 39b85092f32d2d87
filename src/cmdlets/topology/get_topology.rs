//! Get-CsTopology: the whole topology, as an object or as its document.

use super::records::{self, texts};
use super::select::Visible;
use super::service_fields;
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::shape::Shape;
use crate::error::Halt;
use crate::topology::{Form, SimpleUrl};
use crate::value::{Record, Value};
use serde::Deserialize;
use std::sync::LazyLock;

/// The cmdlet.
#[derive(Default)]
pub struct GetTopology;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    #[serde(default)]
    as_xml: bool,
}

static TOPOLOGY: LazyLock<Shape> = LazyLock::new(|| {
    Shape::new(
        "Microsoft.Rtc.Management.Deploy.Internal.DefaultTopology",
        &[
            "Machines",
            "SqlInstances",
            "InternalDomains",
            "Sites",
            "Clusters",
            "Services",
            "SimpleUrlConfiguration",
            "Signature",
            "IsPublished",
        ],
    )
});

impl Cmdlet for GetTopology {
    const NAME: &'static str = "Get-CsTopology";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "The topology at a glance", run: "Get-CsTopology" },
        Example {
            what: "The computers of the topology",
            run: "Get-CsTopology | Select-Object -ExpandProperty Machines",
        },
        Example { what: "The document, to keep or to publish again", run: "(Get-CsTopology -AsXml).ToString()" },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        if args.as_xml {
            // The document says everything of every site.
            cx.authorize(&Place::Global)?;
            return cx.output(Value::Str(topology.text().clone()));
        }
        let visible = Visible::sites(&topology, cx)?;
        let list = |items: Vec<Record>| Value::list(items.into_iter().map(Value::from).collect());
        let url = |url: &SimpleUrl| -> Value {
            let fields = [("Component", &url.component), ("Domain", &url.domain), ("ActiveUrl", &url.active_url)];
            Record::custom(fields.map(|(name, value)| (name, value.as_str().into()))).into()
        };
        let computers = topology.computers().filter(|c| visible.has(&c.site)).map(records::computer);
        let instances = topology.sql_instances().iter().filter(|s| visible.has(&s.site)).map(records::sql_instance);
        let sites = topology.sites().iter().filter(|s| visible.has(&s.identity));
        let pools = topology.pools().iter().filter(|p| visible.has(&p.site)).map(records::pool);
        let services = topology.services().iter().filter(|s| visible.has(&s.site));
        let record = TOPOLOGY.record(vec![
            list(computers.collect()),
            list(instances.collect()),
            texts(topology.domains().iter().map(|d| d.name.as_str())),
            list(sites.map(|s| records::site(&topology, s)).collect()),
            list(pools.collect()),
            list(services.map(|s| service_fields::record(&topology, s)).collect()),
            Value::list(topology.simple_urls().iter().map(url).collect()),
            topology.signature().into(),
            (topology.form() == Form::Published).into(),
        ]);
        cx.output(record)
    }
}
