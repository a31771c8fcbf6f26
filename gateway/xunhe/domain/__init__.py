"""Values of the field: frozen, validated on construction, without input or output."""
