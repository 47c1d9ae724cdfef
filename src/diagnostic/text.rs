//! Findings drawn for people, as rustc draws them. The only file that knows annotate-snippets.

use super::{Finding, SourceMap};

pub fn render(_finding: &Finding, _sources: &SourceMap, _color: bool) -> String {
    todo!()
}
