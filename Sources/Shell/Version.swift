/// The version of the engine and the language, as reports name it.
public let migshVersion = "0.1.0"
