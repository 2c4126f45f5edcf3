//! Where the service may call: hosts and networks that whoever runs the machine named, and nothing else.
//!
//! A name is only a name: what counts is the address it leads to at the moment of the call. An address that is not
//! public is not called unless its network was named.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU16;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The port of https.
pub(super) const HTTPS: u16 = 443;

/// Addresses that lead to no public host (IANA special-purpose registry for IPv4, RFC 6890 and its successors).
const NOT_PUBLIC: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// The only block of IPv6 that public hosts have, and what in it is none (IANA special-purpose registry for IPv6).
const PUBLIC_6: Ipv6Net = v6(0x2000, 0, 3);
const NOT_PUBLIC_6: [Ipv6Net; 4] = [v6(0x2001, 0, 23), v6(0x2001, 0x0db8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(first: u16, second: u16, bits: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), bits)
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => NOT_PUBLIC.iter().all(|net| !net.contains(&address)),
        IpAddr::V6(address) => PUBLIC_6.contains(&address) && NOT_PUBLIC_6.iter().all(|net| !net.contains(&address)),
    }
}

/// Hosts as they were named.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    /// Every host.
    Any,
    /// One host.
    Host(String),
    /// Every host below a domain.
    Below(String),
}

/// A host, or all below one, and the port.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Host {
    named: Named,
    port: u16,
}

/// Where the service may call. Nowhere, until something is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    hosts: Vec<Host>,
    networks: Vec<IpNet>,
}

impl Reach {
    /// Adds `HOST`, `.DOMAIN` for all below it, or `*` for every public host, each with an optional `:PORT`.
    ///
    /// # Errors
    /// What is wrong, in English.
    pub fn host(&mut self, typed: &str) -> Result<(), String> {
        let no_host = || format!("`{typed}` is no host like hr.example.com, .example.com or *");
        if typed.contains('/') {
            return Err(no_host());
        }
        let (name, port) = match typed.rsplit_once(':') {
            Some((name, port)) => {
                let port = port.parse::<NonZeroU16>();
                (name, port.map_err(|_| format!("`{typed}` has no port that is a number"))?.get())
            }
            None => (typed, HTTPS),
        };
        let domain = name.strip_prefix('.').unwrap_or(name).to_ascii_lowercase();
        let plain = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '.';
        if name != "*" && (domain.is_empty() || !domain.chars().all(plain)) {
            return Err(no_host());
        }
        let named = match name {
            "*" => Named::Any,
            _ if name.starts_with('.') => Named::Below(format!(".{domain}")),
            _ => Named::Host(domain),
        };
        self.hosts.push(Host { named, port });
        Ok(())
    }

    /// Adds a network whose addresses may be called though they are not public.
    ///
    /// # Errors
    /// What is wrong, in English.
    pub fn network(&mut self, typed: &str) -> Result<(), String> {
        let network = typed.parse().map_err(|_| format!("`{typed}` is no network like 10.8.0.0/16"))?;
        self.networks.push(network);
        Ok(())
    }

    /// Refuses what would do nothing, and what would do too much: whoever may name any host could look around in a
    /// network of the house, and read from the outcome what is there.
    ///
    /// # Errors
    /// What is wrong, in English.
    pub fn check(&self) -> Result<(), String> {
        match self.networks.is_empty() {
            false if !self.is_on() => Err("`--push-network` goes with `--push-host`".to_owned()),
            false if self.hosts.iter().any(|host| host.named == Named::Any) => {
                Err("`--push-network` needs hosts by name: with `*` anybody could look around in it".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Whether any host may be called.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !self.hosts.is_empty()
    }

    /// Whether this host was named with this port.
    pub(super) fn allows(&self, host: &str, port: u16) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts.iter().any(|one| {
            one.port == port
                && match &one.named {
                    Named::Any => true,
                    Named::Host(name) => host == *name,
                    Named::Below(domain) => host.ends_with(domain.as_str()),
                }
        })
    }

    /// Whether this address may be called. An IPv4 address in the dress of an IPv6 one is an IPv4 address.
    pub(super) fn may_call(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.networks.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(hosts: &[&str], networks: &[&str]) -> Reach {
        let mut reach = Reach::default();
        hosts.iter().for_each(|host| reach.host(host).unwrap());
        networks.iter().for_each(|network| reach.network(network).unwrap());
        reach
    }

    #[test]
    fn only_what_was_named_is_allowed_on_the_port_that_was_named() {
        let named = reach(&["hr.example.com", ".corp.example", "pay.example.com:8443"], &[]);
        for (host, port) in [("hr.example.com", 443), ("HR.Example.COM", 443), ("a.corp.example", 443)] {
            assert!(named.allows(host, port), "{host}:{port}");
        }
        assert!(named.allows("pay.example.com", 8443));
        for (host, port) in [
            ("hr.example.com", 80),
            ("hr.example.com.evil.example", 443),
            ("corp.example", 443),
            ("evilcorp.example", 443),
            ("pay.example.com", 443),
            ("127.0.0.1", 443),
        ] {
            assert!(!named.allows(host, port), "{host}:{port}");
        }
        assert!(!Reach::default().is_on());
        assert!(reach(&["*"], &[]).allows("anything.example", 443));
    }

    #[test]
    fn what_is_no_host_or_network_is_told() {
        let mut reach = Reach::default();
        for wrong in [
            "",
            ".",
            "https://hr.example.com",
            "hr.example.com:x",
            "hr.example.com:0",
            "a b",
            "hr.example.com/x",
            "a@b",
        ] {
            assert!(reach.host(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "10.0.0.0", "10.0.0.0/33", "corp"] {
            assert!(reach.network(wrong).is_err(), "{wrong}");
        }
    }

    /// Places inside a house, each of which opened somebody's once: the metadata service of clouds, the machine itself,
    /// private networks, and the wrappings of IPv4 in IPv6.
    const INSIDE: &str = "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.1.2.3 \
        127.255.255.255 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.170 192.0.2.1 \
        192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 \
        239.255.255.250 240.0.0.1 255.255.255.255 100.100.100.200 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 \
        ::ffff:169.254.169.254 ::ffff:192.168.1.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 \
        100::1 2001::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 3fff::1 5f00::1 fc00::1 \
        fd00:ec2::254 fdff::1 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1";
    const OUTSIDE: &str = "1.1.1.1 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 223.5.5.5 ::ffff:223.5.5.5 \
        2400:3200::1 2606:4700::1111";

    #[test]
    fn no_address_inside_is_public_in_any_dress() {
        let any = reach(&["*"], &[]);
        for text in INSIDE.split_whitespace() {
            assert!(!any.may_call(text.parse().unwrap()), "{text}");
        }
        for text in OUTSIDE.split_whitespace() {
            assert!(any.may_call(text.parse().unwrap()), "{text}");
        }
        let relay = reach(&["*"], &["10.8.0.0/16"]);
        assert!(relay.may_call("10.8.3.4".parse().unwrap()));
        assert!(relay.may_call("::ffff:10.8.3.4".parse().unwrap()));
        assert!(!relay.may_call("10.9.0.1".parse().unwrap()));
    }
}
