//! What was typed on the command line.

mod policy;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use banjie_app::seal::SuiteName;
use banjie_app::webhooks::Reach;

pub use policy::{PolicyCommand, Question};

/// How to call the program.
pub const USAGE: &str = "\
banjie serve [--demo [--keys] [--registrations N]] [--listen ADDRESS] [--base-url URL] [options]   serve the site
banjie migrate [options]                                              bring the database to this version
banjie verify [--against FILE] [options]                              prove that history is whole, and goes on from a checkpoint
banjie checkpoint FILE [options]                                      write down where every history stands, signed
banjie backup FOLDER [options]                                        copy an installation on SQLite while it is in use
banjie restore FOLDER --key FILE [options]                            bring a backup back into a new folder, and verify it
banjie policy check FOLDER                                            check rule files and their examples
banjie policy explain --region R --type T --act A [--reason C] [--applicant K] [--facts F,G] [--on DAY] [options]
                                                                      what the rules come to, and why
banjie policy diff FOLDER [--on DAY] [options]                        what would be different under the rules in FOLDER
banjie policy simulate FOLDER [--on DAY] [options]                    which recorded cases would go differently
banjie bench rules [--data DIR]                                       how fast rules and clocks are on this machine
banjie bench submit --data NEWDIR [--database URL] [--clients N]       how many registrations a second are handed in over HTTP
banjie bench read --data DIR                                          how long people wait for pages of a demo of any size
banjie help | version

options
  --data DIR        the installation's folder           (BANJIE_DATA, else ./data)
  --database URL    sqlite:PATH or postgres://…          (BANJIE_DATABASE, else sqlite:DATA/banjie.db)
  --suite NAME      what seals from now on: aes or sm   (BANJIE_SUITE, else aes)
  --policies DIR    rule files instead of the built-in ones
  --listen ADDRESS  default 127.0.0.1:8080
  --base-url URL    the address people use; https:// behind a proxy
  --watch ADDRESS   serve /metrics there, for whoever watches the service; never to the public
  --push-host HOST  webhooks may call HOST, or all below .DOMAIN, or * for every public host, each [:PORT]; repeatable
  --push-network N  webhooks may call addresses in N (10.8.0.0/16) though they are not public; repeatable
  --push-roots FILE certificates (PEM) that webhooks trust instead of those that browsers do";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve the site.
    Serve(Options),
    /// Bring the database to this version.
    Migrate(Options),
    /// Prove that history is whole.
    Verify(Options),
    /// Write down where every history stands.
    Checkpoint(PathBuf, Options),
    /// Copy an installation into this folder.
    Backup(PathBuf, Options),
    /// Bring a backup back.
    Restore(PathBuf, Options),
    /// Check, explain or try rules.
    Policy(PolicyCommand),
    /// Measure rules and clocks.
    BenchRules(Options),
    /// Measure handing in.
    BenchSubmit(Options),
    /// Measure what is looked at.
    BenchRead(Options),
    /// Print how to call it.
    Help,
    /// Print the version.
    Version,
}

/// Where and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The installation's folder.
    pub data: PathBuf,
    /// The database's address, when given.
    pub database: Option<String>,
    /// What seals from now on.
    pub suite: SuiteName,
    /// Rule files instead of the built-in ones.
    pub policies: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where numbers are served.
    pub watch: Option<SocketAddr>,
    /// Where webhooks may call.
    pub reach: Reach,
    /// Certificates that webhooks trust instead of those that browsers do.
    pub push_roots: Option<PathBuf>,
    /// The address people use.
    pub base_url: Option<String>,
    /// Fill with demo data.
    pub demo: bool,
    /// Print a key for programs for each account of the demo.
    pub keys: bool,
    /// How many more registrations the demo gets.
    pub registrations: Option<u64>,
    /// How many clients the bench has.
    pub clients: Option<usize>,
    /// The checkpoint that history has to go on from.
    pub against: Option<PathBuf>,
    /// The key file that is not in a backup.
    pub key: Option<PathBuf>,
}

/// Reads the arguments after the program's name.
pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Command, String> {
    let Some(verb) = words.next() else { return Ok(Command::Help) };
    match verb.as_str() {
        "serve" => options(words).map(Command::Serve),
        "migrate" => options(words).map(Command::Migrate),
        "verify" => options(words).map(Command::Verify),
        "checkpoint" => match words.next() {
            Some(file) if !file.starts_with("--") => Ok(Command::Checkpoint(file.into(), options(words)?)),
            _ => Err("`checkpoint` takes the file to write".to_owned()),
        },
        "backup" => folder(&mut words, "backup").and_then(|folder| Ok(Command::Backup(folder, options(words)?))),
        "restore" => folder(&mut words, "restore").and_then(|folder| Ok(Command::Restore(folder, options(words)?))),
        "policy" => policy::parse(words).map(Command::Policy),
        "bench" => match words.next().as_deref() {
            Some("rules") => options(words).map(Command::BenchRules),
            Some("submit") => options(words).map(Command::BenchSubmit),
            Some("read") => options(words).map(Command::BenchRead),
            _ => Err("`bench` takes `rules`, `submit` or `read`".to_owned()),
        },
        "help" | "--help" | "-h" => Ok(Command::Help),
        "version" | "--version" => Ok(Command::Version),
        other => Err(format!("there is no command `{other}`")),
    }
}

fn address(typed: &str) -> Result<SocketAddr, String> {
    typed.parse().map_err(|_| format!("`{typed}` is no address like 127.0.0.1:8080"))
}

fn number<T: FromStr>(typed: &str) -> Result<T, String> {
    typed.parse().map_err(|_| format!("`{typed}` is no whole number"))
}

fn folder(words: &mut impl Iterator<Item = String>, verb: &str) -> Result<PathBuf, String> {
    let named = words.next().filter(|word| !word.starts_with("--"));
    named.map(PathBuf::from).ok_or_else(|| format!("`{verb}` takes the folder of the backup"))
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        data: std::env::var_os("BANJIE_DATA").map_or_else(|| PathBuf::from("data"), PathBuf::from),
        database: std::env::var("BANJIE_DATABASE").ok(),
        suite: SuiteName::default(),
        policies: None,
        listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
        watch: None,
        reach: Reach::default(),
        push_roots: None,
        base_url: None,
        demo: false,
        keys: false,
        registrations: None,
        clients: None,
        against: None,
        key: None,
    };
    let mut suite_typed = None;
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
        match word.as_str() {
            "--demo" => options.demo = true,
            "--keys" => options.keys = true,
            "--registrations" => options.registrations = Some(number(&value()?)?),
            "--clients" => options.clients = Some(number(&value()?)?),
            "--key" => options.key = Some(value()?.into()),
            "--against" => options.against = Some(value()?.into()),
            "--data" => options.data = value()?.into(),
            "--database" => options.database = Some(value()?),
            "--suite" => suite_typed = Some(value()?),
            "--policies" => options.policies = Some(value()?.into()),
            "--base-url" => options.base_url = Some(value()?),
            "--listen" => options.listen = address(&value()?)?,
            "--watch" => options.watch = Some(address(&value()?)?),
            "--push-host" => options.reach.host(&value()?)?,
            "--push-network" => options.reach.network(&value()?)?,
            "--push-roots" => options.push_roots = Some(value()?.into()),
            other => return Err(format!("there is no option `{other}`")),
        }
    }
    refuse_without_effect(&options)?;
    options.suite = suite(suite_typed, std::env::var_os("BANJIE_SUITE"))?;
    Ok(options)
}

/// What would do nothing was meant to do something.
fn refuse_without_effect(options: &Options) -> Result<(), String> {
    let names_where = !options.reach.is_on();
    match () {
        () if options.keys && !options.demo => Err("`--keys` goes with `--demo`".to_owned()),
        () if options.clients == Some(0) => Err("`--clients` is at least 1".to_owned()),
        () if names_where && options.push_roots.is_some() => Err("`--push-roots` goes with `--push-host`".to_owned()),
        () => options.reach.check(),
    }
}

/// What was typed goes before what the environment says. A word nobody knows is never passed over: nothing on any page
/// would show that something else seals than was meant.
fn suite(typed: Option<String>, environment: Option<OsString>) -> Result<SuiteName, String> {
    let (source, word) = match (typed, environment) {
        (Some(word), _) => ("--suite", word),
        (None, Some(word)) => ("BANJIE_SUITE", word.to_string_lossy().into_owned()),
        (None, None) => return Ok(SuiteName::default()),
    };
    SuiteName::parse(&word).ok_or_else(|| format!("`{source}` is `{word}`, which is no suite; give `aes` or `sm`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Command, String> {
        parse(words.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn options_are_read_and_unknown_ones_named() {
        let Ok(Command::Serve(options)) = read(&["serve", "--demo", "--listen", "127.0.0.1:0", "--data", "x"]) else {
            panic!("serve is a command");
        };
        assert!(options.demo);
        assert_eq!((options.listen.port(), options.data), (0, PathBuf::from("x")));
        assert_eq!(read(&["serve", "--dmeo"]), Err("there is no option `--dmeo`".to_owned()));
        assert_eq!(read(&["serve", "--data"]), Err("`--data` needs a value".to_owned()));
        assert_eq!(read(&["checkpoint"]), Err("`checkpoint` takes the file to write".to_owned()));
        assert_eq!(read(&["checkpoint", "--data"]), Err("`checkpoint` takes the file to write".to_owned()));
        let refused = "`https://a` is no host like hr.example.com, .example.com or *";
        assert_eq!(read(&["serve", "--push-host", "https://a"]), Err(refused.to_owned()));
        for words in [
            &["serve", "--keys"][..],
            &["bench", "submit", "--clients", "0"],
            &["serve", "--push-network", "10.0.0.0/8"],
            &["serve", "--push-roots", "ca.pem"],
            &["serve", "--push-host", "*", "--push-network", "10.0.0.0/8"],
        ] {
            assert!(read(words).is_err(), "{words:?}");
        }
        assert_eq!(read(&["surf"]), Err("there is no command `surf`".to_owned()));
        assert_eq!(read(&[]), Ok(Command::Help));
    }

    #[test]
    fn the_suite_is_what_was_typed_else_what_the_environment_says_else_aes() {
        let say = |typed: Option<&str>, environment: Option<&str>| {
            suite(typed.map(str::to_owned), environment.map(OsString::from))
        };
        assert_eq!(say(None, None), Ok(SuiteName::Aes));
        assert_eq!(say(None, Some("sm")), Ok(SuiteName::Sm));
        assert_eq!(say(Some("aes"), Some("sm")), Ok(SuiteName::Aes));
        assert_eq!(say(Some("sm4"), None), Err("`--suite` is `sm4`, which is no suite; give `aes` or `sm`".to_owned()));
        assert_eq!(say(None, Some("")), Err("`BANJIE_SUITE` is ``, which is no suite; give `aes` or `sm`".to_owned()));
    }
}
