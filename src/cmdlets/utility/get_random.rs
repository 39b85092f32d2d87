//! Get-Random: a number, or some of the objects, by chance.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, int, many};
use crate::cmdlets::object::{count, items, number};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::Value;

/// Get-Random.
#[derive(Default)]
pub struct GetRandom {
    items: Vec<Value>,
    any: bool,
}

impl ObjectCmdlet for GetRandom {
    const NAME: &'static str = "Get-Random";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "A number from 1 to 6", run: "Get-Random -Minimum 1 -Maximum 7" },
        Example { what: "Two users by chance", run: "Get-CsUser | Get-Random -Count 2" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["RandomNumber", "RandomListItem", "Shuffle"])
            .parameter("SetSeed", int())
            .parameter("Maximum", ParameterType::Object)
            .at(0)
            .only(&["RandomNumber"])
            .parameter("Minimum", ParameterType::Object)
            .only(&["RandomNumber"])
            .parameter("InputObject", many(ParameterType::Object))
            .mandatory()
            .at(0)
            .by_value()
            .allow_null()
            .only(&["RandomListItem", "Shuffle"])
            .parameter("Count", int())
            .range(1.0, i32::MAX.into())
            .only(&["RandomNumber", "RandomListItem"])
            .switch("Shuffle")
            .mandatory()
            .only(&["Shuffle"])
            .build()
    }
}

/// SplitMix64: small, even, and the same everywhere for a seed. Not for secrets.
struct Chance(u64);

impl Chance {
    fn new(seed: Option<i64>) -> Chance {
        let seed = seed.map_or_else(|| uuid::Uuid::new_v4().as_u64_pair().0, i64::cast_unsigned);
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, but without, a limit; 0 where the limit is.
    fn below(&mut self, limit: u64) -> u64 {
        // The high half of a product of 128 bits is even to one part in 2^64.
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn limit(bound: &Bound, name: &str) -> Option<Value> {
    bound.get(name).filter(|value| !value.is_null()).cloned()
}

fn number_between(bound: &Bound, chance: &mut Chance) -> Result<Value, ErrorRecord> {
    let (low, high) = (limit(bound, "Minimum"), limit(bound, "Maximum"));
    let wrong = || {
        ErrorRecord::new("MinGreaterThanOrEqualMax", Category::InvalidArgument, "-Minimum must be less than -Maximum.")
    };
    let real = |value: &Option<Value>, default: f64| match value {
        Some(Value::Float(number)) => *number,
        Some(Value::Int(number)) => *number as f64,
        Some(other) => crate::value::number::double(&crate::value::text::to_text(other)).unwrap_or(default),
        None => default,
    };
    if matches!(low, Some(Value::Float(_))) || matches!(high, Some(Value::Float(_))) {
        let (low, high) = (real(&low, 0.0), real(&high, f64::MAX));
        return if low < high { Ok(Value::Float(low + chance.unit() * (high - low))) } else { Err(wrong()) };
    }
    let whole = |value: &Option<Value>, default: i64| match value {
        Some(Value::Int(number)) => *number,
        other => real(other, default as f64) as i64,
    };
    let (low, high) = (whole(&low, 0), whole(&high, i32::MAX.into()));
    if low >= high {
        return Err(wrong());
    }
    Ok(Value::Int(low.wrapping_add_unsigned(chance.below(high.abs_diff(low)))))
}

impl Run for GetRandom {
    fn process(&mut self, bound: &Bound, _cx: &mut Context) -> Result<(), Halt> {
        if let Some(given) = bound.get("InputObject") {
            self.any = true;
            self.items.extend(items(Some(given)));
        }
        Ok(())
    }

    fn end(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let mut chance = Chance::new(number(bound, "SetSeed"));
        let wanted = count(bound, "Count").unwrap_or(1);
        if !self.any {
            for _ in 0..wanted {
                let number = number_between(bound, &mut chance)?;
                cx.output(number)?;
            }
            return Ok(());
        }
        let mut items = std::mem::take(&mut self.items);
        let wanted = if bound.switch("Shuffle") { items.len() } else { wanted };
        for _ in 0..wanted.min(items.len()) {
            let at = chance.below(items.len() as u64) as usize;
            cx.output(items.swap_remove(at))?;
        }
        Ok(())
    }
}
