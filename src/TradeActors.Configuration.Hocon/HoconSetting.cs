namespace TradeActors.Configuration.Hocon;

/// <summary>One value of a read configuration.</summary>
/// <param name="Value">Null where the file says null.</param>
/// <param name="At">Where it is assigned.</param>
internal readonly record struct HoconSetting(string? Value, HoconLocation At);
