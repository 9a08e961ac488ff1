//! IP addresses and networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Function, invalid_argument, scalar};
use crate::error::{Error, invalid_cast};
use crate::types::{Value, ip_text};

pub fn functions() -> Vec<Function> {
    vec![
        scalar("ip_prefix(ipaddress, bigint) -> varchar", |_, a| {
            prefix(a[0].as_bytes(), a[1].as_i64())
        }),
        scalar("ip_prefix(varchar, bigint) -> varchar", |_, a| {
            let address = from_text(a[0].as_str())?;
            prefix(address.as_bytes(), a[1].as_i64())
        }),
        scalar("contains(varchar, ipaddress) -> boolean", |_, a| {
            contains(a[0].as_str(), a[1].as_bytes())
        }),
    ]
}

/// Reads an address into its sixteen bytes, an IPv4 one mapped.
pub fn from_text(text: &str) -> Result<Value, Error> {
    let address: IpAddr = text
        .parse()
        .map_err(|_| invalid_cast(format!("Cannot cast value to IPADDRESS: {text}")))?;
    Ok(Value::binary(bytes_of(address).to_vec()))
}

/// Four or sixteen bytes as an address.
pub fn from_binary(bytes: &[u8]) -> Result<Value, Error> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Ok(Value::binary(
            Ipv4Addr::from(v4).to_ipv6_mapped().octets().to_vec(),
        ));
    }
    match bytes.len() {
        16 => Ok(Value::binary(bytes.to_vec())),
        n => Err(invalid_cast(format!(
            "Invalid InetAddress binary length: {n}"
        ))),
    }
}

fn bytes_of(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

fn is_v4(bytes: &[u8]) -> bool {
    <[u8; 16]>::try_from(bytes).is_ok_and(|b| Ipv6Addr::from(b).to_ipv4_mapped().is_some())
}

fn prefix(bytes: &[u8], bits: i64) -> Result<Value, Error> {
    let v4 = is_v4(bytes);
    let most = if v4 { 32 } else { 128 };
    if !(0..=most).contains(&bits) {
        let what = if v4 { "IPv4" } else { "IPv6" };
        return Err(invalid_argument(format!(
            "{what} subnet size must be in range [0, {most}]"
        )));
    }
    let masked = masked(bytes, bits as usize + if v4 { 96 } else { 0 });
    Ok(Value::text(format!("{}/{bits}", ip_text(&masked))))
}

/// The first bits, the rest zero.
fn masked(bytes: &[u8], bits: usize) -> Vec<u8> {
    bytes
        .iter()
        .enumerate()
        .map(|(i, byte)| match bits.saturating_sub(i * 8) {
            0 => 0,
            n if n >= 8 => *byte,
            n => byte & (0xff_u8 << (8 - n)),
        })
        .collect()
}

fn contains(network: &str, address: &[u8]) -> Result<Value, Error> {
    let invalid = || invalid_argument("Invalid CIDR");
    let (base, bits) = network.split_once('/').ok_or_else(invalid)?;
    let base: IpAddr = base
        .parse()
        .map_err(|_| invalid_argument(format!("Invalid network IP address: {base}")))?;
    let base = bytes_of(base);
    let v4 = is_v4(&base);
    let bits: usize = bits
        .parse()
        .map_err(|_| invalid_argument(format!("Invalid prefix length: {bits}")))?;
    if bits > if v4 { 32 } else { 128 } {
        return Err(invalid_argument(format!(
            "Prefix length exceeds address length: {bits}"
        )));
    }
    let bits = bits + if v4 { 96 } else { 0 };
    if v4 && masked(&base, bits) != base {
        return Err(invalid_argument(format!(
            "Invalid CIDR: bits are set behind the prefix of {network}"
        )));
    }
    if v4 != is_v4(address) {
        return Ok(Value::Boolean(false));
    }
    Ok(Value::Boolean(masked(&base, bits) == masked(address, bits)))
}
