"""Base templates, the design system, Pulse, live events and the crisis room."""
