"""What campaigns with a control group did, and what is left to say without one."""
