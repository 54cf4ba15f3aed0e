using System.Text.Json;

namespace TradeActors.Api.Common;

/// <summary>What is wrong with a JSON body, in words of the body: the serializer's own name the types of this program.</summary>
internal static class JsonTrouble
{
    public static string Explain(JsonException error)
    {
        // Errors of syntax come from the reader below, which knows of no types.
        var what = error.InnerException is JsonException syntax ? syntax.Message
            : error.Message.Contains("could not be mapped", StringComparison.Ordinal) ? $"there is no member '{Quoted(error.Message)}' here."
            : error.Message.StartsWith("Duplicate property", StringComparison.Ordinal) ? $"'{Quoted(error.Message)}' is given twice."
            : $"{error.Path ?? "it"} has a value of the wrong kind, or a word that is not one of those allowed.";
        return $"The JSON is not as expected: {what}";
    }

    private static string Quoted(string message) => message.Split('\'') is { Length: > 2 } parts ? parts[1] : "";
}
