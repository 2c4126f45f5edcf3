//! Cookies: reading them and writing them with the strictest marks the connection allows.
//!
//! Over https every cookie carries the `__Host-` prefix: no other host and no plain connection can set it.

use axum::http::{HeaderMap, HeaderValue, header};

/// Whether this service is reached over https; decides the names and marks of cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Plain http: a machine for development, or a closed test network.
    Plain,
    /// https, here or at the proxy before us.
    Secure,
}

/// How long the browser keeps a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Until the browser is closed.
    Session,
    /// This many seconds.
    Seconds(u32),
    /// Not at all: take it away.
    Gone,
}

impl Transport {
    /// The name a cookie really has on this transport.
    #[must_use]
    pub fn name(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Secure => format!("__Host-{name}"),
        }
    }

    /// The value of a cookie the browser sent, if it is there exactly once.
    #[must_use]
    pub fn read(self, headers: &HeaderMap, name: &str) -> Option<String> {
        let name = self.name(name);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(given, _)| *given == name)
            .map(|(_, value)| value.to_owned());
        // Two cookies of one name: somebody else set one of them, and we cannot tell which.
        found.next().filter(|_| found.next().is_none())
    }

    /// The `Set-Cookie` value. Cookies are never readable by script.
    #[must_use]
    pub fn write(self, name: &str, value: &str, keep: Keep) -> Option<HeaderValue> {
        let age = match keep {
            Keep::Session => String::new(),
            Keep::Seconds(seconds) => format!("; Max-Age={seconds}"),
            Keep::Gone => "; Max-Age=0".to_owned(),
        };
        let secure = if self == Self::Secure { "; Secure" } else { "" };
        let line = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}", self.name(name));
        HeaderValue::from_str(&line).ok().filter(|_| is_plain(value))
    }
}

/// Only characters that need no quoting; whoever stores more must encode first.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\";,\\".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(line: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(line).unwrap())])
    }

    #[test]
    fn a_cookie_over_https_has_the_host_prefix_and_is_secure() {
        let line = Transport::Secure.write("session", "abc", Keep::Session).unwrap();
        assert_eq!(line, "__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(Transport::Secure.read(&sent("__Host-session=abc"), "session").as_deref(), Some("abc"));
        assert_eq!(Transport::Secure.read(&sent("session=abc"), "session"), None);
    }

    #[test]
    fn a_cookie_that_stands_twice_is_not_believed() {
        assert_eq!(Transport::Plain.read(&sent("a=1; b=2; a=3"), "a"), None);
        assert_eq!(Transport::Plain.read(&sent("a=1; b=2"), "b").as_deref(), Some("2"));
    }

    #[test]
    fn a_value_cannot_add_an_attribute() {
        assert_eq!(Transport::Plain.write("a", "1; Domain=example.org", Keep::Session), None);
        assert_eq!(Transport::Plain.write("a", "1\r\nx: y", Keep::Session), None);
    }
}
