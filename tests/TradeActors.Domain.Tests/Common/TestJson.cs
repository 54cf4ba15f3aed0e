using System.Text.Json;

namespace TradeActors.Domain.Tests;

/// <summary>Everything that an immutable value holds, as text: for comparing states that records compare by reference.</summary>
internal static class TestJson
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    public static string Of(object value) => JsonSerializer.Serialize(value, value.GetType(), Options);
}
