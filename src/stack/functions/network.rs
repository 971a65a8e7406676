//! Address blocks in CIDR notation, IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::{
    Function,
    arguments::{Arguments, Outcome, Problem},
    whole,
};
use crate::base::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    whole(
        "cidrhost",
        (2, Some(2)),
        "`cidrhost(block, number)`: an address; a negative number counts from the end",
        host,
    ),
    whole("cidrnetmask", (1, Some(1)), "`cidrnetmask(block)`: the mask of an IPv4 block", mask),
    whole(
        "cidrsubnet",
        (3, Some(3)),
        "`cidrsubnet(block, bits, number)`: a part whose prefix is that much longer",
        |call| {
            let block = block(call, 0)?;
            subnet(block, bits(call, 1)?, call.whole(2)?)
        },
    ),
    whole("cidrsubnets", (1, None), "`cidrsubnets(block, bits…)`: parts one after the other", subnets),
];

fn block(call: &Arguments, position: usize) -> Result<IpNet, Problem> {
    let text = call.text(position)?;
    let block: Result<IpNet, _> = text.parse();
    block
        .map(|block| block.trunc())
        .map_err(|_| Problem::at(position, format!("`{text}` is not an address block; blocks look like `10.0.0.0/16`")))
}

fn bits(call: &Arguments, position: usize) -> Result<u8, Problem> {
    let bits = call.whole(position)?;
    u8::try_from(bits).map_err(|_| Problem::at(position, "the number of bits is a whole number from 0"))
}

fn first(block: IpNet) -> u128 {
    match block.network() {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// The address of a number, in the family of `block`.
fn address(block: IpNet, number: u128) -> Option<IpAddr> {
    match block {
        IpNet::V4(_) => u32::try_from(number).ok().map(|number| Ipv4Addr::from(number).into()),
        IpNet::V6(_) => Some(Ipv6Addr::from(number).into()),
    }
}

/// How many addresses a prefix of this length leaves, minus one.
fn last_offset(block: IpNet, prefix: u8) -> u128 {
    let host_bits = u32::from(block.max_prefix_len() - prefix);
    1u128.checked_shl(host_bits).map_or(u128::MAX, |size| size - 1)
}

fn longer(block: IpNet, bits: u8, position: usize) -> Result<u8, Problem> {
    let most = block.max_prefix_len() - block.prefix_len();
    if bits > most {
        let message = format!("`{block}` can be divided by at most {most} more bits, not {bits}");
        return Err(Problem::at(position, message));
    }
    Ok(block.prefix_len() + bits)
}

fn subnet(block: IpNet, bits: u8, number: i128) -> Outcome {
    let prefix = longer(block, bits, 1)?;
    let last = 1u128.checked_shl(bits.into()).map_or(u128::MAX, |count| count - 1);
    let number = u128::try_from(number).ok().filter(|number| *number <= last).ok_or_else(|| {
        Problem::at(2, format!("{bits} more bits give parts 0 to {last}, and there is no part {number}"))
    })?;
    let offset = number.checked_shl(u32::from(block.max_prefix_len() - prefix)).unwrap_or(0);
    text(block, first(block) | offset, prefix)
}

fn text(block: IpNet, number: u128, prefix: u8) -> Outcome {
    let address = address(block, number).ok_or_else(|| Problem::new("there is no such address"))?;
    Ok(Value::String(format!("{address}/{prefix}")))
}

fn subnets(call: &Arguments) -> Outcome {
    let block = block(call, 0)?;
    let end = first(block) + last_offset(block, block.prefix_len());
    let (mut parts, mut next) = (Vec::new(), Some(first(block)));
    for position in 1..call.count() {
        let bits = bits(call, position)?;
        if bits == 0 {
            return Err(Problem::at(position, "every part must be smaller than the block: at least 1 bit"));
        }
        let prefix = longer(block, bits, position)?;
        let size = last_offset(block, prefix);
        let full = || Problem::at(position, format!("there is no room left in `{block}` for a part of /{prefix}"));
        let start = next.and_then(|next| next.checked_add(size)).map(|next| next & !size).ok_or_else(full)?;
        let last = start.checked_add(size).filter(|last| *last <= end).ok_or_else(full)?;
        parts.push(text(block, start, prefix)?);
        next = last.checked_add(1);
    }
    Ok(Value::List(parts))
}

fn host(call: &Arguments) -> Outcome {
    let (block, number) = (block(call, 0)?, call.whole(1)?);
    let last = last_offset(block, block.prefix_len());
    let missing = || Problem::at(1, format!("`{block}` has no address number {number}"));
    let distance = number.unsigned_abs();
    let offset =
        if number < 0 { distance.checked_sub(1).and_then(|back| last.checked_sub(back)) } else { Some(distance) };
    let offset = offset.filter(|offset| *offset <= last).ok_or_else(missing)?;
    let address = address(block, first(block) + offset).ok_or_else(missing)?;
    Ok(Value::String(address.to_string()))
}

fn mask(call: &Arguments) -> Outcome {
    match block(call, 0)? {
        IpNet::V4(block) => Ok(Value::String(block.netmask().to_string())),
        IpNet::V6(_) => Err(Problem::at(0, "only IPv4 has masks; an IPv6 block is written with its prefix length")),
    }
}
