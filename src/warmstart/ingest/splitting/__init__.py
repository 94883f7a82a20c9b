"""Who is in which split or fold: seeded, stratified, and never one half of what belongs together."""
