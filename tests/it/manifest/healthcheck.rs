//! `app.healthcheck`: what Compose takes, and what nobody does.

use std::fmt::Write;

use expect_test::expect;

use super::{parse, valid};

/// A check as the manifest has it, with what it becomes or what is wrong.
fn told(check: &str) -> String {
    let text = format!("base: python:3.13-slim\napp:\n  healthcheck: {check}\n");
    let (_, parsed) = parse(&text);
    if !parsed.diagnostics.is_empty() {
        assert!(parsed.manifest.is_none(), "{check}");
        let messages = parsed.diagnostics.iter().map(|it| format!("{}: {}", it.code, it.message));
        return messages.collect::<Vec<_>>().join("; ");
    }
    let check = valid(&text).app.and_then(|app| app.healthcheck).expect("it has a check");
    let times = [check.interval, check.timeout, check.start_period, check.start_interval];
    let times =
        times.into_iter().map(|time| time.map_or(-1, |time| i128::from(time.value.nanoseconds())));
    let retries = check.retries.map(|retries| retries.value.0);
    let mut out = format!("{:?}", check.test.value.words());
    let times: Vec<i128> = times.collect();
    if times != [-1; 4] || retries.is_some() {
        write!(out, " {times:?} {retries:?}").expect("a String takes all text");
    }
    out
}

fn all(checks: &[&str]) -> String {
    checks.iter().map(|check| format!("{check}\n    {}\n", told(check))).collect()
}

#[test]
fn what_compose_takes_is_taken_the_same_way() {
    let checks = [
        "curl -f http://localhost || exit 1",
        "{test: curl -f http://localhost || exit 1}",
        "[CMD-SHELL, curl -f http://localhost || exit 1]",
        "{test: [CMD-SHELL, curl -f http://localhost || exit 1]}",
        "{test: [CMD, curl, -f, '']}",
        "[NONE]",
        "{test: [NONE], interval: 5s}",
        "{disable: true}",
        "{disable: true, interval: 5s}",
        "{disable: false, test: 'true'}",
        "{test: 'true', interval: 1m30s, timeout: 10s, start_period: 40s, start_interval: 500ms, retries: 3}",
        "{test: 'true', interval: 0, timeout: 0s, retries: 0}",
        "{test: 'true', interval: 1.5h, timeout: 1ms, retries: '2147483647'}",
    ];
    expect![[r#"
        curl -f http://localhost || exit 1
            ["CMD-SHELL", "curl -f http://localhost || exit 1"]
        {test: curl -f http://localhost || exit 1}
            ["CMD-SHELL", "curl -f http://localhost || exit 1"]
        [CMD-SHELL, curl -f http://localhost || exit 1]
            ["CMD-SHELL", "curl -f http://localhost || exit 1"]
        {test: [CMD-SHELL, curl -f http://localhost || exit 1]}
            ["CMD-SHELL", "curl -f http://localhost || exit 1"]
        {test: [CMD, curl, -f, '']}
            ["CMD", "curl", "-f", ""]
        [NONE]
            ["NONE"]
        {test: [NONE], interval: 5s}
            ["NONE"] [5000000000, -1, -1, -1] None
        {disable: true}
            ["NONE"]
        {disable: true, interval: 5s}
            ["NONE"]
        {disable: false, test: 'true'}
            ["CMD-SHELL", "true"]
        {test: 'true', interval: 1m30s, timeout: 10s, start_period: 40s, start_interval: 500ms, retries: 3}
            ["CMD-SHELL", "true"] [90000000000, 10000000000, 40000000000, 500000000] Some(3)
        {test: 'true', interval: 0, timeout: 0s, retries: 0}
            ["CMD-SHELL", "true"] [0, 0, -1, -1] Some(0)
        {test: 'true', interval: 1.5h, timeout: 1ms, retries: '2147483647'}
            ["CMD-SHELL", "true"] [5400000000000, 1000000, -1, -1] Some(2147483647)
    "#]].assert_eq(&all(&checks));
}

#[test]
fn what_is_no_check_is_a_mistake() {
    let checks = [
        "[]",
        "''",
        "{}",
        "{test: []}",
        "{test: ''}",
        "{test: {CMD: a}}",
        "{interval: 5s}",
        "{disable: false}",
        "{disable: maybe}",
        "{disable: true, test: a}",
        "{disable: true, interval: 5}",
        "{test: [a, b]}",
        "{test: [cmd, a]}",
        "{test: [CMD]}",
        "{test: [CMD, '']}",
        "{test: [CMD-SHELL]}",
        "{test: [CMD-SHELL, ' ']}",
        "{test: [CMD-SHELL, a, b]}",
        "{test: [NONE, a]}",
        "{test: [CMD, [a]]}",
        "{test: a, interval: 30}",
        "{test: a, interval: 30 s}",
        "{test: a, interval: -1s}",
        "{test: a, interval: 999us}",
        "{test: a, interval: 3000000h}",
        "{test: a, interval: [5s]}",
        "{test: a, retries: -1}",
        "{test: a, retries: 1.5}",
        "{test: a, retries: 2147483648}",
        "{test: a, retry: 3}",
    ];
    expect![[r#"
        []
            empty-value: `app.healthcheck` is empty
        ''
            empty-value: `app.healthcheck` is empty
        {}
            empty-value: `app.healthcheck` is empty
        {test: []}
            empty-value: `app.healthcheck.test` is empty
        {test: ''}
            empty-value: `app.healthcheck.test` is empty
        {test: {CMD: a}}
            wrong-type: `app.healthcheck.test` must be a string or a list, not a map
        {interval: 5s}
            missing-key: `app.healthcheck` has no `test`
        {disable: false}
            missing-key: `app.healthcheck` has no `test`
        {disable: maybe}
            missing-key: `app.healthcheck` has no `test`; wrong-type: `maybe` is neither `true` nor `false`
        {disable: true, test: a}
            invalid-command: a check that is off has a command
        {disable: true, interval: 5}
            invalid-time: a time is a number with a unit
        {test: [a, b]}
            invalid-command: a list starts with `CMD`, `CMD-SHELL` or `NONE`
        {test: [cmd, a]}
            invalid-command: a list starts with `CMD`, `CMD-SHELL` or `NONE`
        {test: [CMD]}
            invalid-command: `CMD` takes a program
        {test: [CMD, '']}
            invalid-command: `CMD` takes a program
        {test: [CMD-SHELL]}
            invalid-command: `CMD-SHELL` takes one string
        {test: [CMD-SHELL, ' ']}
            invalid-command: `CMD-SHELL` takes one string
        {test: [CMD-SHELL, a, b]}
            invalid-command: `CMD-SHELL` takes one string
        {test: [NONE, a]}
            invalid-command: `NONE` takes nothing
        {test: [CMD, [a]]}
            wrong-type: an entry of `app.healthcheck.test` must be a string, not a list
        {test: a, interval: 30}
            invalid-time: a time is a number with a unit
        {test: a, interval: 30 s}
            invalid-time: a time is a number with a unit
        {test: a, interval: -1s}
            invalid-time: a time is not negative
        {test: a, interval: 999us}
            invalid-time: Docker takes no time below 1 ms
        {test: a, interval: 3000000h}
            invalid-time: a time has at most 292 years
        {test: a, interval: [5s]}
            wrong-type: `app.healthcheck.interval` must be a string, not a list
        {test: a, retries: -1}
            invalid-number: `-1` is no whole number from 0 on
        {test: a, retries: 1.5}
            invalid-number: `1.5` is no whole number from 0 on
        {test: a, retries: 2147483648}
            invalid-number: `2147483648` is no whole number from 0 on
        {test: a, retry: 3}
            unknown-key: `app.healthcheck` has no key `retry`
    "#]].assert_eq(&all(&checks));
}
