"""The tables of the sites service, a module per noun; the migrations make them, the drift check compares both."""
