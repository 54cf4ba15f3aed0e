using System.Globalization;
using System.Text.Json;
using Xunit;

namespace TradeActors.Api.Tests.Support;

/// <summary>Checks an object's member names and JSON types.</summary>
internal static class Shape
{
    /// <param name="members">
    /// "name:type" parted by spaces; types are string, number, integer, bool, object, array, time and any. A '?' behind the type allows the member to
    /// be absent. No other member may be there.
    /// </param>
    public static void Is(JsonElement json, string members)
    {
        var expected = members.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(member => member.Split(':')).ToArray();
        foreach (var member in expected)
        {
            var isOptional = member[1].EndsWith('?');
            var isThere = json.TryGetProperty(member[0], out var value);
            Assert.True(isThere || isOptional, $"{member[0]} is missing in {json}");
            Assert.True(!isThere || Fits(value, member[1].TrimEnd('?')), $"{member[0]} is no {member[1]} in {json}");
        }

        Assert.Empty(json.EnumerateObject().Select(member => member.Name).Except(expected.Select(member => member[0])));
    }

    /// <summary>A list's page whose items all have this shape; at least one.</summary>
    public static void IsPage(Reply reply, string members)
    {
        reply.Is(200);
        Assert.Equal(["items", "next"], reply.Json.EnumerateObject().Select(member => member.Name));
        Assert.NotEmpty(reply.Items);
        Assert.All(reply.Items, item => Is(item, members));
    }

    private static bool Fits(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "bool" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "time" => value.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var time) && time.Offset == TimeSpan.Zero,
        "timeOrNull" => value.ValueKind == JsonValueKind.Null || Fits(value, "time"),
        "any" => true,
        _ => throw new ArgumentException($"No type '{type}'."),
    };
}
