"""Pages whose buttons touch several stages: each button calls one flow."""
