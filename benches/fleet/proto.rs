//! As much of protocol buffers and of etcd's messages as a watch and a put take.
//!
//! Field numbers: etcd's api/etcdserverpb/rpc.proto and api/mvccpb/kv.proto.

/// Appends a number in base 128.
fn varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Appends a field that has a length: bytes, text, a message.
fn bytes(to: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint(to, field << 3 | 2);
    varint(to, value.len() as u64);
    to.extend_from_slice(value);
}

/// A message with gRPC's prefix.
fn framed(message: &[u8]) -> bytes::Bytes {
    let mut framed = Vec::with_capacity(message.len() + 5);
    framed.push(0);
    framed.extend_from_slice(&(message.len() as u32).to_be_bytes());
    framed.extend_from_slice(message);
    framed.into()
}

/// `WatchRequest { create_request { key } }`.
pub fn watch(key: &[u8]) -> bytes::Bytes {
    let mut create = Vec::new();
    bytes(&mut create, 1, key);
    let mut request = Vec::new();
    bytes(&mut request, 1, &create);
    framed(&request)
}

/// `PutRequest { key, value }`.
pub fn put(key: &[u8], value: &[u8]) -> bytes::Bytes {
    let mut request = Vec::new();
    bytes(&mut request, 1, key);
    bytes(&mut request, 2, value);
    framed(&request)
}

/// Takes a whole gRPC message from the front of what was received.
pub fn take(buffer: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_be_bytes(buffer.get(1..5)?.try_into().ok()?) as usize;
    if buffer.len() < 5 + length {
        return None;
    }
    let message = buffer[5..5 + length].to_vec();
    buffer.drain(..5 + length);
    Some(message)
}

/// The fields of a message: number, and what has a length as bytes (numbers as none).
fn fields(mut message: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while let Some(tag) = number(&mut message) {
        match tag & 7 {
            0 => {
                let _ = number(&mut message);
                found.push((tag >> 3, &[][..]));
            }
            2 => {
                let Some(length) = number(&mut message).map(|n| n as usize) else { break };
                let Some((value, rest)) = message.split_at_checked(length) else { break };
                message = rest;
                found.push((tag >> 3, value));
            }
            _ => break,
        }
    }
    found
}

fn number(from: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0u64, 0);
    loop {
        let (first, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

/// Whether a `WatchResponse` says that the watch stands.
pub fn created(response: &[u8]) -> bool {
    fields(response).iter().any(|(field, _)| *field == 3)
}

/// The values that a `WatchResponse` brings: `events[].kv.value`.
pub fn values(response: &[u8]) -> Vec<Vec<u8>> {
    let inside = |message: &[u8], wanted: u64| -> Vec<Vec<u8>> {
        fields(message).into_iter().filter(|(field, _)| *field == wanted).map(|(_, value)| value.to_vec()).collect()
    };
    let events = inside(response, 11);
    let pairs = events.iter().flat_map(|event| inside(event, 2));
    pairs.flat_map(|pair| inside(&pair, 5)).collect()
}
