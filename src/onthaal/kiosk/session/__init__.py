"""What happens at the wall's screen: a pure step from state and event to state and effects."""
