"""The demo's mail catcher: a real SMTP server that delivers to a web page instead of to people."""
