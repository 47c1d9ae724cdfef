//! The one line that ends a plan.

use super::text::{count, counted};
use crate::plan::Summary;

/// `Plan: 12 to create, 3 to update, 0 to delete; 2 held`
pub fn summary_line(head: &str, summary: &Summary) -> String {
    let sum = |of: fn(&crate::plan::RelationshipSummary) -> u64| -> u64 {
        summary.relationships.iter().map(of).sum()
    };
    let create = sum(|r| r.directions.iter().map(|d| d.create).sum());
    let update = sum(|r| r.directions.iter().map(|d| d.update).sum());
    let delete = sum(|r| r.directions.iter().map(|d| d.delete).sum());
    let action = sum(|r| r.directions.iter().map(|d| d.action).sum());
    let named = create + update + delete + action;
    let other = sum(|r| r.operations).saturating_sub(named);
    let lists = [
        some(action, |n| counted(n, "external action")),
        some(other, |n| match n {
            1 => "1 link or write-back".to_owned(),
            n => format!("{} links and write-backs", count(n)),
        }),
        some(sum(|r| r.held), |n| format!("{} held", count(n))),
        some(sum(|r| r.conflicts), |n| counted(n, "conflict")),
        some(sum(|r| r.errors), |n| counted(n, "error")),
    ];
    let lists: Vec<String> = lists.into_iter().flatten().collect();
    let tail = if lists.is_empty() {
        String::new()
    } else {
        format!("; {}", lists.join(", "))
    };
    if summary.is_empty() {
        return format!("{head}: nothing to do{tail}");
    }
    format!(
        "{head}: {} to create, {} to update, {} to delete{tail}",
        count(create),
        count(update),
        count(delete)
    )
}

fn some(number: u64, text: impl Fn(u64) -> String) -> Option<String> {
    (number > 0).then(|| text(number))
}
