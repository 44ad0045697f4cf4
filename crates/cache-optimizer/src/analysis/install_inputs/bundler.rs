//! What `bundle install` reads: the Gemfile, its lock, the version of Ruby, and the gems that are
//! folders of the project.
//!
//! A Gemfile and a gemspec are programs. One that may read another file is refused.
//!
//! Source: <https://bundler.io/man/gemfile.5.html>

use super::needed::{Needed, extension, joined, within};
use super::paths::parent;
use super::{Inputs, Project};

/// The words of a Gemfile or gemspec that may read a file, or run what does.
const READS_MORE: [&str; 12] = [
    "Dir",
    "File",
    "IO",
    "Pathname",
    "YAML",
    "__dir__",
    "eval",
    "eval_gemfile",
    "instance_eval",
    "load",
    "require_relative",
    "system",
];

/// The files that a version of Ruby is read from. Source: <https://bundler.io/man/gemfile.5.html#RUBY>
const VERSIONS: [&str; 2] = [".ruby-version", ".tool-versions"];

pub(super) fn inputs(project: Project<'_>) -> Result<Inputs, String> {
    let mut needed = Needed::new(project.files);
    let gemfile = gemfile(project)?;
    let dir = parent(&gemfile).to_owned();
    let text = needed.text(&gemfile)?;
    needed.add(&format!("{gemfile}.lock"))?;
    for name in VERSIONS {
        needed.add(&within(&dir, name))?;
    }
    for dir in [project.dir, &dir] {
        needed.add(&within(dir, ".bundle/config"))?;
    }
    let installed = within(&dir, "vendor/bundle");
    if project.files.folders.contains(&installed) {
        return Err(format!(
            "`{installed}` is in the context, and would be copied over what was installed"
        ));
    }
    let vendored = within(&dir, "vendor/cache");
    needed.add_folder(&vendored)?;
    for line in lines(text) {
        check_line(&gemfile, line)?;
        for folder in gem_folders(line) {
            let folder = joined(&dir, folder)
                .ok_or_else(|| format!("the gem in `{folder}` is outside the context"))?;
            add_gemspecs(&mut needed, project, &folder)?;
        }
    }
    Ok(needed.into_inputs())
}

fn gemfile(project: Project<'_>) -> Result<String, String> {
    let arguments = &project.command.arguments;
    let named = arguments.iter().find_map(|a| a.strip_prefix("--gemfile="));
    let after = arguments.iter().skip_while(|a| *a != "--gemfile").nth(1);
    match named.or(after.map(String::as_str)) {
        Some(path) => {
            joined(project.dir, path).ok_or_else(|| format!("`{path}` is outside the context"))
        }
        None => Ok(within(project.dir, "Gemfile")),
    }
}

/// The lines of a Ruby program without comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split(" #").next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn check_line(path: &str, line: &str) -> Result<(), String> {
    // The version of Ruby is read from a file that is copied anyway.
    let known = VERSIONS
        .iter()
        .any(|name| line.starts_with("ruby ") && line.contains(name));
    let quoted = line.contains('`') || line.contains("%x");
    let reads_more = code(line);
    let reads_more = reads_more
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':')
        .find(|word| READS_MORE.contains(&word.trim_start_matches(':')) || *word == "require");
    match reads_more {
        _ if known => Ok(()),
        Some(word) => Err(format!("`{word}` in `{path}` may read another file")),
        None if quoted => Err(format!("`{path}` runs a command")),
        None => Ok(()),
    }
}

/// The line without what is in quotes.
fn code(line: &str) -> String {
    let mut code = String::new();
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            // What is put into a text is code again.
            Some('"') if c == '#' => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None => code.push(c),
        }
    }
    code
}

/// The folders of gems that a line of a Gemfile names.
fn gem_folders(line: &str) -> Vec<&str> {
    let mut folders = Vec::new();
    if line == "gemspec" || line.starts_with("gemspec ") && !line.contains("path") {
        folders.push(".");
    }
    for key in ["path:", ":path =>", ":path=>"] {
        if let Some((_, rest)) = line.split_once(key) {
            folders.extend(first_quoted(rest));
        }
    }
    if let Some(rest) = line
        .strip_prefix("path ")
        .or_else(|| line.strip_prefix("path("))
    {
        folders.extend(first_quoted(rest));
    }
    folders
}

fn first_quoted(text: &str) -> Option<&str> {
    let start = text.find(['"', '\''])?;
    let quote = text[start..].chars().next()?;
    text[start + 1..]
        .split_once(quote)
        .map(|(quoted, _)| quoted)
}

/// The gemspecs in a folder, or below it, as a `path` may hold several gems.
fn add_gemspecs(needed: &mut Needed<'_>, project: Project<'_>, folder: &str) -> Result<(), String> {
    let start = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    let specs = project.files.sizes_bytes.keys().filter(|path| {
        let rest = path.strip_prefix(start.as_str());
        rest.is_some_and(|rest| rest.ends_with(".gemspec") && rest.matches('/').count() <= 1)
    });
    let mut count = 0;
    for path in specs {
        // Of the project's own gem only its own gemspec counts.
        if folder.is_empty() && path.contains('/') {
            continue;
        }
        let text = needed.text(path)?;
        count += 1;
        for line in lines(text) {
            add_line_of_gemspec(needed, path, line)?;
        }
    }
    if count == 0 {
        return Err(format!(
            "no gemspec of the gem in `{}` is known",
            within(folder, "")
        ));
    }
    Ok(())
}

/// A gemspec most often loads its version from one file.
fn add_line_of_gemspec(needed: &mut Needed<'_>, path: &str, line: &str) -> Result<(), String> {
    if line.contains("extensions") {
        return Err(format!("the gem of `{path}` is compiled from its sources"));
    }
    let Some(rest) = line.strip_prefix("require_relative ") else {
        return check_line(path, line);
    };
    let file = first_quoted(rest).and_then(|file| joined(parent(path), file));
    let file = file.ok_or_else(|| format!("what `{path}` loads is not known"))?;
    let file = if extension(&file) == "rb" {
        file
    } else {
        format!("{file}.rb")
    };
    needed.require(&file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{paths, refusal};
    use super::*;

    const GEMFILE: &str = "source \"https://rubygems.org\"\nruby File.read(\".ruby-version\").strip\n\
                           gem \"rails\", \"~> 7.1\", require: false # File\n# Dir\n";

    fn refused(gemfile: &str) -> String {
        refusal("bundle install", "", &[("Gemfile", gemfile)])
    }

    #[test]
    fn an_install_needs_the_gemfile_its_lock_and_the_version_of_ruby() {
        let files = [
            ("Gemfile", GEMFILE),
            ("Gemfile.lock", ""),
            (".ruby-version", ""),
            ("app/a.rb", ""),
        ];
        let expected = [".ruby-version", "Gemfile", "Gemfile.lock"];
        assert_eq!(paths("bundle install --jobs 4", "", &files), expected);
    }

    #[test]
    fn gems_in_folders_come_with_their_gemspecs_and_what_those_load() {
        let spec = "require_relative \"lib/core/version\"\nGem::Specification.new do |s|\ns.name = \"core\"\nend\n";
        let files = [
            (
                "api/Gemfile",
                "gem 'core', path: 'engines/core'\npath \"gems\" do\n  gem \"x\"\nend\n",
            ),
            ("api/engines/core/core.gemspec", spec),
            ("api/engines/core/lib/core/version.rb", ""),
            ("api/engines/core/lib/core.rb", ""),
            ("api/gems/x/x.gemspec", "Gem::Specification.new\n"),
        ];
        let expected = [
            "api/Gemfile",
            "api/engines/core/core.gemspec",
            "api/engines/core/lib/core/version.rb",
            "api/gems/x/x.gemspec",
        ];
        assert_eq!(paths("bundle install", "api", &files), expected);
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        assert_eq!(
            refusal("bundle", "", &[]),
            "the context does not offer `Gemfile`"
        );
        for (gemfile, why) in [
            (
                "eval_gemfile 'x'\n",
                "`eval_gemfile` in `Gemfile` may read another file",
            ),
            (
                "Dir['gems/*'].each { |d| gem d }\n",
                "`Dir` in `Gemfile` may read another file",
            ),
            (
                "gem \"a\", \"#{File.read('x')}\"\n",
                "`File` in `Gemfile` may read another file",
            ),
            (
                "require 'json'\n",
                "`require` in `Gemfile` may read another file",
            ),
            ("gem 'a', `cat v`\n", "`Gemfile` runs a command"),
            (
                "gem 'a', path: '../a'\n",
                "the gem in `../a` is outside the context",
            ),
            ("gemspec\n", "no gemspec of the gem in `` is known"),
        ] {
            assert_eq!(refused(gemfile), why);
        }
        let spec = "Gem::Specification.new do |s|\ns.files = `git ls-files`.split\nend\n";
        let files = [("Gemfile", "gemspec\n"), ("a.gemspec", spec)];
        assert_eq!(
            refusal("bundle install", "", &files),
            "`a.gemspec` runs a command"
        );
    }

    proptest! {
        #[test]
        fn any_line_gives_code_and_folders(line in "[a-z:\"'#{}() =>]{0,60}") {
            prop_assert!(code(&line).len() <= line.len());
            let _ = gem_folders(&line);
        }
    }
}
