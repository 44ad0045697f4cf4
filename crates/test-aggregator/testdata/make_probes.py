#!/usr/bin/env python3
"""Writes testdata/probes: small files, each with one thing that readers of JUnit XML trip over.

The right numbers are in src/input/junit/probes.rs, worked out by hand.
"""

import pathlib

OUT = pathlib.Path(__file__).parent / "probes"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
TWO_CASES = '<testcase name="a"/>\n<testcase name="b"><failure message="{}"/></testcase>\n'


def suite(body, attributes='name="s"'):
    return f"{DECLARATION}<testsuites>\n<testsuite {attributes}>\n{body}</testsuite>\n</testsuites>\n"


PROBES = {
    # Shapes.
    "nested.xml": suite(
        '<testcase name="a"/>\n<testsuite name="t" tests="2">\n<testcase name="b"/>\n'
        '<testsuite name="u">\n<testcase name="c"><failure/></testcase>\n</testsuite>\n</testsuite>\n'
    ),
    "bare-suite.xml": '<testsuite name="s"><testcase name="a"/><testsuite name="t"><testcase name="b"/></testsuite></testsuite>',
    "cases-below-root.xml": '<testsuites><testcase name="a"/><testcase name="b"><error/></testcase></testsuites>',
    "suites-in-suites.xml": suite('<testsuites name="inner"><testsuite name="t"><testcase name="a"/></testsuite></testsuites>\n'),
    "no-attributes.xml": "<testsuites><testsuite><testcase/><testcase><failure/></testcase></testsuite></testsuites>",
    "byte-order-mark.xml": "\ufeff" + suite('<testcase name="a"/>\n'),
    "doctype.xml": '<!DOCTYPE testsuites SYSTEM "junit.dtd" [<!ELEMENT testcase ANY>]>\n<testsuites><testsuite name="s"><testcase name="a"/></testsuite></testsuites>',
    "output-with-tags.xml": suite(
        '<testcase name="a"><system-out><![CDATA[</testcase><testcase name="no"><failure/>]]></system-out></testcase>\n'
        '<testcase name="b"><system-out><testcase name="no"><failure/></testcase></system-out></testcase>\n'
        '<!-- <testcase name="no"/> -->\n<system-err>a &lt; b && c</system-err>\n'
    ),
    # How cases end.
    "two-failures.xml": suite('<testcase name="a"><failure message="one"/><failure message="two"/></testcase>\n'),
    "failure-and-error.xml": suite('<testcase name="a"><error message="worse"/><failure message="bad"/></testcase>\n'),
    "skipped-and-failure.xml": suite('<testcase name="a"><skipped/><failure message="bad"/></testcase>\n'),
    "todo.xml": suite('<testcase name="a"><skipped type="todo" message="later"/><failure message="bad"/></testcase>\n'),
    "gtest-not-run.xml": suite(
        '<testcase name="a" status="run" result="completed"/>\n<testcase name="DISABLED_b" status="notrun" result="suppressed"/>\n'
        '<testcase name="c" status="run" result="skipped"/>\n'
    ),
    "surefire-attempts.xml": suite(
        '<testcase name="flaky"><flakyFailure message="1"><stackTrace>x</stackTrace></flakyFailure>'
        '<flakyError message="2"><stackTrace>x</stackTrace><system-out>y</system-out></flakyError></testcase>\n'
        '<testcase name="broken"><failure message="1">x</failure><rerunFailure message="2"/><rerunError message="3"/></testcase>\n',
        'name="s" tests="7" failures="5"',
    ),
    # Numbers.
    "thousands.xml": suite('<testcase name="a" time="1,234.500"/>\n'),
    "decimal-comma.xml": suite('<testcase name="a" time="1,234"/>\n<testcase name="b" time="0,160"/>\n'),
    "ambiguous-comma.xml": suite('<testcase name="a" time="0.5"/>\n<testcase name="b" time="1,234"/>\n'),
    "nanoseconds.xml": suite('<testcase name="a" time="999638317"/>\n', ""),
    "negative-time.xml": suite('<testcase name="a" time="-345345"/>\n<testcase name="b" time="-1"/>\n'),
    # Characters.
    "raw-control.xml": suite(TWO_CASES.format("red \x1b[31m, null \0, \ufffe")),
    "control-references.xml": suite(TWO_CASES.format("red &#27;[31m, null &#x0;")),
    "invalid-utf8.xml": suite(TWO_CASES.format("caf\udce9")),
    "ampersands.xml": suite(TWO_CASES.format("a & b && c &nbsp; &amp;amp;")),
    "utf16.xml": "\ufeff" + suite(TWO_CASES.format("café")).replace("UTF-8", "UTF-16"),
    "utf16-without-mark.xml": suite(TWO_CASES.format("café")).replace("UTF-8", "UTF-16"),
    "latin1.xml": suite(TWO_CASES.format("café")).replace("UTF-8", "ISO-8859-1"),
    "external-entity.xml": '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<testsuite>'
    '<testcase name="a"/><testcase name="b"><failure>&x;</failure></testcase></testsuite>',
    "billion-laughs.xml": "<!DOCTYPE x [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 9))
    + ']>\n<testsuite><testcase name="a"/><testcase name="b"><failure message="&a8;"/></testcase></testsuite>',
    # Counters.
    "wrong-counters.xml": suite(TWO_CASES.format("bad"), 'name="s" tests="99" failures="0"'),
    "counters-only.xml": suite("", 'name="s" tests="6" failures="1" errors="2"').replace(
        "<testsuites>", '<testsuites tests="6">'
    ),
    "suite-error.xml": suite('<error message="no fixture">trace</error>\n<testcase name="a"/>\n'),
    "nothing.xml": "<testsuites/>",
    # Broken files.
    "empty.xml": "",
    "comment-only.xml": "<!-- no results -->\n",
    "text.xml": "\nError: no tests were run\n",
    "html.xml": "<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>",
    "coverage.xml": DECLARATION + '<coverage line-rate="0.8"><packages/></coverage>\n',
    "truncated.xml": DECLARATION + '<testsuite name="s">\n' + TWO_CASES.format("bad") + '<testcase name="c"',
    "cut-between-tags.xml": DECLARATION + '<testsuite name="s">\n' + TWO_CASES.format("bad"),
    "wrong-end.xml": DECLARATION + '<testsuite name="s">\n<testcase name="a"/>\n<testcase name="b">\n</testsuite>\n',
    "unquoted.xml": '<testsuite name="s">\n<testcase name="a"/>\n<testcase name=b/>\n</testsuite>\n',
    "second-root.xml": suite('<testcase name="a"/>\n') + suite('<testcase name="b"/>\n'),
    "trailing-text.xml": suite('<testcase name="a"/>\n') + "Killed\n",
    "deep.xml": suite('<testcase name="a"/>\n' + '<testsuite name="t">' * 300),
}

ENCODINGS = {"utf16.xml": "utf-16-le", "utf16-without-mark.xml": "utf-16-be", "latin1.xml": "latin-1"}

OUT.mkdir(exist_ok=True)
for name, text in PROBES.items():
    (OUT / name).write_bytes(text.encode(ENCODINGS.get(name, "utf-8"), "surrogateescape"))
