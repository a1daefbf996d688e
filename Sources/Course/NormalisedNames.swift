@_spi(_Unicode) import Swift

/// A text in normalisation form C, so that a name means the same student however its accents were written.
package func normalised(_ text: String) -> String {
  var scalars = String.UnicodeScalarView()
  for scalar in text._nfc { scalars.append(scalar) }
  return String(scalars)
}
