"""What the centre knows and decides, without I/O: values in, values out."""
