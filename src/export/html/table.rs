//! The fields of a payload as a table.

use maud::{Markup, html};

use super::name::name;
use crate::export::fields::{Field, FieldTable};
use crate::export::quote::one_line;
use crate::export::words::{number, presence};

pub(super) fn field_table(table: &FieldTable) -> Markup {
    if table.payloads == 0 {
        return html! { p .hint { "None in the logs that can be read whole." } };
    }
    html! {
        p .hint { "JSON: " (table.types) ". Seen in " (number(table.payloads, "call")) "." }
        @if !table.rows.is_empty() {
            table {
                thead { tr {
                    th scope="col" { "Field" } th scope="col" { "Type" } th scope="col" { "Present" }
                } }
                tbody { @for field in &table.rows { (row(field)) } }
            }
        }
        @if table.left_out > 0 {
            p .hint { (number(table.left_out as u64, "field")) " more not shown." }
        }
    }
}

fn row(field: &Field) -> Markup {
    let (around, key) = field.path.rsplit_once('.').unwrap_or(("", &field.path));
    html! {
        tr {
            th scope="row" {
                code {
                    @if !around.is_empty() {
                        span .around { (one_line(around)) "." } wbr;
                    }
                    (one_line(key))
                }
                @if field.is_secret { " " span .secret { "secret, masked" } }
                (notes(field))
            }
            td { (field.types) }
            td { (presence(field.presence)) }
        }
    }
}

fn notes(field: &Field) -> Markup {
    html! {
        @if let Some(format) = field.format {
            span .note { "format " (name(format)) }
        }
        @if !field.values.is_empty() {
            span .note {
                "seen: "
                @for (nth, value) in field.values.iter().enumerate() {
                    @if nth > 0 { ", " }
                    @if value.is_empty() { "empty" } @else { code { (one_line(value)) } }
                }
            }
        }
    }
}
