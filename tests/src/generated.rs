//! Projects made up from a number: a Dockerfile of several stages, files, and changes of these.
//!
//! The same number always gives the same project. Steps sleep where others would work, each for a
//! length of its own.

use std::fmt::Write as _;

/// A project, and what changes in it one after another.
pub struct Generated {
    /// The Dockerfile, whose base image is `NAME-base`.
    pub dockerfile: String,
    /// All other files, by path.
    pub files: Vec<(String, String)>,
    /// The changes.
    pub changes: Vec<Change>,
}

/// A change of a project.
pub struct Change {
    /// What it is.
    pub name: String,
    /// What is done.
    pub action: Action,
}

/// What is done to a file.
#[derive(Clone)]
pub enum Action {
    /// A line is added to each of these.
    Append(Vec<String>),
    /// It is made.
    Add(String),
    /// It is removed.
    Remove(String),
    /// Its group may write it.
    Mode(String),
    /// It gets a new time.
    Touch(String),
    /// It gets another name.
    Rename(String, String),
}

impl Action {
    /// The paths that are others afterwards. None for one that only gets a new time.
    pub fn paths(&self) -> Vec<String> {
        match self {
            Self::Append(paths) => paths.clone(),
            Self::Add(path) | Self::Remove(path) | Self::Mode(path) => vec![path.clone()],
            Self::Touch(_) => Vec::new(),
            Self::Rename(from, to) => vec![from.clone(), to.clone()],
        }
    }
}

/// The folders that stages take, each with the same files.
const FOLDERS: [&str; 3] = ["one", "two", "three"];

/// Makes up a project.
pub fn generated(seed: u64) -> Generated {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut files = vec![
        (".dockerignore".to_owned(), "docs\n**/*.log\n".to_owned()),
        ("docs/guide.md".to_owned(), "guide\n".to_owned()),
        ("spare/a.txt".to_owned(), "spare\n".to_owned()),
        ("config-1.txt".to_owned(), "1\n".to_owned()),
        ("config-2.txt".to_owned(), "2\n".to_owned()),
    ];
    for folder in FOLDERS {
        for file in ["a.txt", "b.txt", "sub/c.txt", "sub/d.txt"] {
            files.push((format!("{folder}/{file}"), format!("{folder} {file}\n")));
        }
    }
    Generated {
        dockerfile: dockerfile(&mut random),
        files,
        changes: changes(seed, &mut random),
    }
}

/// A Dockerfile of three to six stages. Each writes what it made to `/out/STAGE`, which later ones
/// copy or start from.
fn dockerfile(random: &mut Random) -> String {
    let count = 2 + random.below(4);
    let mut text = String::new();
    let mut is_used = vec![false; count];
    let mut earlier = |random: &mut Random, stage| {
        let other = random.below(stage);
        is_used[other] = true;
        other
    };
    for stage in 0..count {
        let base = if stage > 0 && random.below(3) == 0 {
            format!("s{}", earlier(random, stage))
        } else {
            "NAME-base".to_owned()
        };
        writeln!(text, "FROM {base} AS s{stage}\nWORKDIR /in").expect("a text grows");
        for _ in 0..=random.below(2) {
            writeln!(text, "{}", input(random)).expect("a text grows");
        }
        if stage > 0 && random.below(2) == 0 {
            let other = earlier(random, stage);
            writeln!(text, "COPY --from=s{other} /out/{other} /in/").expect("a text grows");
        }
        // Some make the same whatever they are given, so that what copies from them comes from the cache.
        let made = ["find . -type f | sort | xargs cat", "echo made"][random.below(2)];
        let sleep = 5 + random.below(15);
        writeln!(
            text,
            "RUN sleep {}.{}; mkdir -p /out; {made} > /out/{stage}",
            sleep / 10,
            sleep % 10
        )
        .expect("a text grows");
    }
    // No stage may be left out of the build.
    text += "FROM NAME-base\n";
    for stage in (0..count).filter(|&stage| !is_used[stage]) {
        writeln!(text, "COPY --from=s{stage} /out/{stage} /made/").expect("a text grows");
    }
    text += "RUN sleep 0.2; cat /made/* > /all\n";
    text
}

/// An instruction that takes something from the context.
fn input(random: &mut Random) -> String {
    let folder = FOLDERS[random.below(3)];
    match random.below(6) {
        0 => format!("COPY {folder}/ ./{folder}/"),
        1 => "COPY config-*.txt ./".to_owned(),
        2 => format!("COPY {folder}/a.txt ./{folder}/b.txt ./files/"),
        3 => format!("ADD {folder} {folder}/"),
        4 => format!("COPY {folder}/s?b ./sub/"),
        _ => format!(
            "RUN --mount=type=bind,source={folder},target=/bound sleep 0.4; cat /bound/a.txt > bound"
        ),
    }
}

/// Seven changes, of other kinds for each of three numbers.
fn changes(seed: u64, random: &mut Random) -> Vec<Change> {
    let mut folder = || FOLDERS[random.below(3)];
    let (a, b, c) = (folder(), folder(), folder());
    let append = |path: String| Action::Append(vec![path]);
    let list = match seed % 3 {
        0 => [
            ("edit a file", append(format!("{a}/a.txt"))),
            ("add a file", Action::Add(format!("{b}/new.txt"))),
            ("edit an ignored file", append("docs/guide.md".to_owned())),
            ("add an unmatched file", Action::Add("notes.txt".to_owned())),
            ("touch a file", Action::Touch(format!("{c}/b.txt"))),
            (
                "rename a file",
                Action::Rename(format!("{c}/sub/c.txt"), format!("{c}/sub/z.txt")),
            ),
            ("change a mode", Action::Mode(format!("{b}/b.txt"))),
        ],
        1 => [
            (
                "add a matching file",
                Action::Add("config-3.txt".to_owned()),
            ),
            ("edit a matching file", append("config-1.txt".to_owned())),
            ("remove a file", Action::Remove(format!("{a}/sub/d.txt"))),
            ("edit an untaken file", append("spare/a.txt".to_owned())),
            (
                "add a nested file",
                Action::Add(format!("{b}/sub/deep/e.txt")),
            ),
            ("edit a nested file", append(format!("{c}/sub/c.txt"))),
            ("edit a named file", append(format!("{c}/b.txt"))),
        ],
        _ => [
            (
                "edit two files",
                Action::Append(vec![format!("{a}/a.txt"), format!("{b}/sub/c.txt")]),
            ),
            ("add an ignored file", Action::Add(format!("{a}/run.log"))),
            (
                "remove a matching file",
                Action::Remove("config-2.txt".to_owned()),
            ),
            (
                "change a matching mode",
                Action::Mode("config-1.txt".to_owned()),
            ),
            (
                "rename to a match",
                Action::Rename("spare/a.txt".to_owned(), "config-9.txt".to_owned()),
            ),
            (
                "touch a matching file",
                Action::Touch("config-1.txt".to_owned()),
            ),
            ("edit a file again", append(format!("{c}/a.txt"))),
        ],
    };
    list.map(|(name, action)| Change {
        name: name.to_owned(),
        action,
    })
    .into()
}

/// Numbers that look random and are always the same.
/// Source: Marsaglia, "Xorshift RNGs", <https://doi.org/10.18637/jss.v008.i14>
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits fit") % limit
    }
}
