"""Who is who: users, departments, memberships, what each may do, and how they sign in."""
