//! Following containers.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tests::docker::docker;
use tests::project::Made;
use tests::report::{assert_valid, parse_lines};
use tests::tool::Finished;

const DOCKERFILE: &str = "FROM scratch\nCOPY busybox /bin/sh\nCOPY busybox /bin/sleep\n\
     COPY busybox /bin/test\nCOPY busybox /bin/touch\nCOPY busybox /bin/dd\nCOPY own /own\n";

/// An image with a shell, and containers of it that end with the test.
struct Containers {
    made: Made,
}

impl Containers {
    fn new(name: &str) -> Self {
        let compose = "services:\n  app:\n    build: .\n    image: NAME\n";
        let files = [
            ("Dockerfile", DOCKERFILE),
            ("compose.yml", compose),
            ("own", "NAME"),
        ];
        let made = Made::new(name, &files);
        let _ = made.tool("build").run().expect_exit(0);
        Self { made }
    }

    fn name(&self, container: &str) -> String {
        format!("{}-{container}", self.made.name())
    }

    /// Starts a container that runs `script`.
    fn start(&self, container: &str, options: &str, script: &str) {
        let name = self.name(container);
        let label = format!("lucid={}", self.made.name());
        let mut args = vec!["run", "--detach", "--name", &name, "--label", &label];
        args.extend(options.split_whitespace());
        args.extend([self.made.name(), "/bin/sh", "-c", script]);
        docker(&args);
    }

    /// Starts to follow all of them.
    fn monitor(&self, args: &str) -> Child {
        let args = format!("monitor --label lucid={} {args}", self.made.name());
        self.made.tool(&args).spawn()
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        let filter = format!("label=lucid={}", self.made.name());
        let ids = docker(&["ps", "--all", "--quiet", "--filter", &filter]);
        for id in ids.split_whitespace() {
            let _ = Command::new("docker").args(["rm", "--force", id]).output();
        }
    }
}

/// The only report of a run, and its end.
#[track_caller]
fn report(child: Child) -> (Value, Finished) {
    let finished: Finished = child.wait_with_output().expect("a run ends").into();
    let report = parse_lines(&finished.stdout).remove(0);
    assert_valid(&report);
    (report, finished)
}

#[track_caller]
fn container<'a>(report: &'a Value, name: &str) -> &'a Value {
    let containers = report["data"]["containers"].as_array().unwrap();
    let mut named = containers.iter();
    named.find(|it| it["name"] == name).expect(name)
}

/// The rules of the findings about a container.
fn rules<'a>(report: &'a Value, name: &str) -> Vec<&'a str> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|finding| finding["subject"].to_string().contains(name))
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// The value of a container's metric.
fn metric(text: &str, metric: &str, container: &str) -> Option<f64> {
    let start = format!("{metric}{{container=\"{container}\"");
    let line = text.lines().find(|line| line.starts_with(&start))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn figures_are_those_of_docker_stats_and_of_the_served_metrics() {
    let containers = Containers::new("monitor-figures");
    containers.start("idle", "", "sleep 300");
    let limits = "--memory 64m --memory-reservation 32m --cpus 0.4";
    containers.start("busy", limits, "while :; do :; done");
    let mut child = containers.monitor("--metrics-listen 127.0.0.1:0 --for 15s --samples s.jsonl");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("metrics are at http://").unwrap();
    let address = address.strip_suffix("/metrics").unwrap();

    let (idle, busy) = (containers.name("idle"), containers.name("busy"));
    let deadline = Instant::now() + Duration::from_secs(12);
    let page = loop {
        let page = get(address, "/metrics");
        if metric(&page, "container_cpu_cores", &busy).is_some() {
            break page;
        }
        assert!(Instant::now() < deadline, "{page}");
        std::thread::sleep(Duration::from_millis(300));
    };
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    assert!(page.trim_end().ends_with("# EOF"), "{page}");
    let limit = metric(&page, "container_memory_limit_bytes", &busy);
    assert_eq!(limit, Some(67_108_864.0));
    let reservation = metric(&page, "container_memory_reservation_bytes", &busy);
    assert_eq!(reservation, Some(33_554_432.0));
    assert_eq!(metric(&page, "container_memory_limit_bytes", &idle), None);
    assert!(get(address, "/healthz").ends_with("\r\n\r\nok\n"));
    assert!(get(address, "/nothing").starts_with("HTTP/1.1 404 "));

    let format = "{{.CPUPerc}}";
    let stats = docker(&["stats", "--no-stream", "--format", format, &busy]);
    let stats_cpus = stats.trim_end_matches('%').parse::<f64>().unwrap() / 100.0;
    let (report, finished) = report(child);
    assert_eq!(finished.exit, Some(0));
    assert_eq!(report["data"]["ended_by"], "time-over");
    let usage = container(&report, &busy);
    let mean = usage["cpus"]["mean"].as_f64().unwrap();
    assert!((mean - stats_cpus).abs() < 0.15, "{mean} {stats_cpus}");
    assert!((0.1..0.5).contains(&mean), "{mean}");
    let memory = usage["memory_bytes"]["peak"].as_f64().unwrap();
    assert!((100_000.0..20_000_000.0).contains(&memory), "{memory}");
    assert_eq!(rules(&report, &idle), ["no-cpu-limit", "no-memory-limit"]);
    assert!(!rules(&report, &busy).contains(&"no-memory-limit"));

    let samples = fs_err::read_to_string(containers.made.path("s.jsonl")).unwrap();
    let samples = parse_lines(&samples);
    let of_busy = samples.iter().filter(|it| it["container"] == busy.as_str());
    assert!(of_busy.count() >= 5);
}

#[test]
fn starts_restarts_health_and_the_end_of_all_are_seen() {
    let containers = Containers::new("monitor-life");
    containers.start("first", "", "sleep 300");
    let child = containers.monitor("");
    std::thread::sleep(Duration::from_secs(2));
    let check = [
        "--health-cmd=/bin/false",
        "--health-interval=1s",
        "--health-retries=1",
    ];
    containers.start("late", &check.join(" "), "sleep 300");
    let (first, late) = (containers.name("first"), containers.name("late"));
    docker(&["restart", "--time", "0", &first]);
    std::thread::sleep(Duration::from_secs(4));
    docker(&["rm", "--force", &first, &late]);
    let (report, finished) = report(child);
    assert_eq!(finished.exit, Some(0));
    assert_eq!(report["data"]["ended_by"], "all-gone");
    assert_eq!(container(&report, &first)["restart_count"], 1);
    assert!(rules(&report, &first).contains(&"restarts"));
    assert!(rules(&report, &late).contains(&"unhealthy"));
    let line = format!("[{late}] is unhealthy");
    assert!(finished.stderr.contains(&line), "{}", finished.stderr);
}

#[test]
fn an_interrupt_ends_with_the_report_so_far() {
    let containers = Containers::new("monitor-interrupt");
    containers.start("app", "", "sleep 300");
    let child = containers.monitor("");
    std::thread::sleep(Duration::from_secs(3));
    let pid = child.id().to_string();
    let _ = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let (report, finished) = report(child);
    assert_eq!(finished.exit, Some(0));
    assert_eq!(report["data"]["ended_by"], "interrupted");
    assert_eq!(report["data"]["containers"].as_array().unwrap().len(), 1);
}

#[test]
fn a_name_that_is_not_there_is_refused_with_the_nearest() {
    let containers = Containers::new("monitor-name");
    containers.start("app", "", "sleep 300");
    let name = containers.name("app");
    let finished = containers.made.tool(&format!("monitor {name}x")).run();
    assert_eq!(finished.exit, Some(2));
    let said = format!("there is no container `{name}x`");
    assert!(finished.stderr.contains(&said), "{}", finished.stderr);
    let hint = format!("`{name}`");
    assert!(finished.stderr.contains(&hint), "{}", finished.stderr);
}
