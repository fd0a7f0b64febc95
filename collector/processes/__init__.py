"""The centre's processes but for the staff page, and what each of them decides."""
