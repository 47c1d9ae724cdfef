//! The words and signs of a document, for those who have never read a rule.

use super::model::{Arrow, Block, Phrase, Section, Table};
use super::rules::Rules;

pub fn section(rules: &Rules) -> Section {
    let [left, right] = [rules.store(0), rules.store(1)];
    let mut table = Table::new("legend", ["", "means"].map(Phrase::of));
    let arrows = [
        (Arrow::Push, format!("push: from {left} to {right}")),
        (Arrow::Pull, format!("pull: from {right} to {left}")),
        (
            Arrow::Both,
            "two-way: whichever side changed is followed".to_owned(),
        ),
    ];
    for (arrow, means) in arrows {
        table.row([Phrase::new().arrow(arrow), Phrase::of(means)]);
    }
    let words = [
        (
            "keys",
            "how two records are found to be the same, in this order; once found they stay linked",
        ),
        (
            "requires",
            "what must be filled in; a record that lacks it is held and listed until it is complete",
        ),
        (
            "when",
            "a record for which it does not hold is left out, without being listed",
        ),
        (
            "who wins",
            "whose value stays where both sides changed it since they last agreed; \
             newest is the later change, manual asks a person; true, false, max and min keep that value",
        ),
        (
            "via",
            "the value names another record, and is translated to its partner; while that has none: \
             or hold waits and is listed, or skip waits unseen, or null leaves the field blank, or sync brings it over first",
        ),
        ("using", "the value is translated by a conversion"),
        (
            "blanks",
            "a field that was emptied empties the other one, unless blanks are ignored",
        ),
    ];
    for (word, means) in words {
        table.row([Phrase::of(word), Phrase::of(means)]);
    }
    Section::new("legend", Phrase::of("How to read this page")).with([Block::Table(table)])
}
