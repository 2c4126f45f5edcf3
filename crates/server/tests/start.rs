//! What the program says when it is started wrongly, asked of the program itself.
//! Nothing here may start a service: each call ends at once.

use std::process::Command;

#[test]
fn an_unknown_suite_is_refused_with_the_mend_wherever_it_was_said() {
    // `verify` reads its options as `serve` does, and ends by itself even when it wrongly begins.
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_banjie"));
        command.args(["verify", "--data", env!("CARGO_TARGET_TMPDIR")]).env_remove("BANJIE_SUITE");
        command
    };
    let (mut by_option, mut by_environment) = (verify(), verify());
    by_option.args(["--suite", "des"]);
    by_environment.env("BANJIE_SUITE", "des");
    for (source, mut command) in [("--suite", by_option), ("BANJIE_SUITE", by_environment)] {
        let told = command.output().unwrap();
        let said = String::from_utf8_lossy(&told.stderr);
        assert_eq!(told.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("`{source}` is `des`")) && said.contains("give `aes` or `sm`"), "{said}");
    }
}
