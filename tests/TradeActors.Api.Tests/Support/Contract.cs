using System.Runtime.CompilerServices;
using System.Text.Json;
using TradeActors.Api.Tests.OpenApi;
using Xunit;

namespace TradeActors.Api.Tests.Support;

/// <summary>Holds every good reply that any test gets against the OpenAPI document: types, required members, allowed words, and no member besides.</summary>
internal static class Contract
{
    private static readonly Lazy<ApiDocument> Document = new(Read);

    public static void Check(HttpMethod method, string path, int status, string text)
    {
        var operation = Document.Value.Operations.Where(each => each.Method == method && Fits(each.Path, path)).OrderBy(each => each.Path.Count(letter => letter == '{')).FirstOrDefault();
        if (operation is null || status is < 200 or > 299)
        {
            return;
        }

        Assert.True(
            operation.Definition.GetProperty("responses").TryGetProperty($"{status}", out var response), $"{operation} answered {status}, which the document does not know.");
        if (response.TryGetProperty("content", out var content) && content.TryGetProperty("application/json", out var json))
        {
            using var reply = JsonDocument.Parse(text);
            Check(reply.RootElement, json.GetProperty("schema"), $"{operation} {status}");
        }
    }

    private static void Check(JsonElement value, JsonElement schema, string at)
    {
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            var choice = value.ValueKind == JsonValueKind.Null
                ? choices.EnumerateArray().First(each => Types(each).Contains("null"))
                : choices.EnumerateArray().First(each => !Types(each).Contains("null"));
            Check(value, choice, at);
            return;
        }

        schema = Document.Value.Resolve(schema);
        var types = Types(schema);
        Assert.True(types.Length == 0 || types.Any(type => Is(value, type)), $"{at}: {value} is no {string.Join(" or ", types)}.");
        if (schema.TryGetProperty("enum", out var words))
        {
            Assert.True(words.EnumerateArray().Any(word => word.ToString() == value.ToString()), $"{at}: {value} is none of {words}.");
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Array when schema.TryGetProperty("items", out var items):
                Assert.All(value.EnumerateArray(), item => Check(item, items, $"{at}[]"));
                break;
            case JsonValueKind.Object:
                CheckMembers(value, schema, at);
                break;
        }
    }

    private static void CheckMembers(JsonElement value, JsonElement schema, string at)
    {
        var isOpen = schema.TryGetProperty("additionalProperties", out var others) && others.ValueKind == JsonValueKind.Object;
        var hasMembers = schema.TryGetProperty("properties", out var members);
        foreach (var required in schema.TryGetProperty("required", out var names) ? names.EnumerateArray() : default)
        {
            Assert.True(value.TryGetProperty(required.GetString()!, out _), $"{at} lacks {required}: {value}");
        }

        foreach (var member in value.EnumerateObject())
        {
            if (hasMembers && members.TryGetProperty(member.Name, out var its))
            {
                Check(member.Value, its, $"{at}.{member.Name}");
            }
            else if (isOpen)
            {
                Check(member.Value, others, $"{at}.{member.Name}");
            }
            else
            {
                Assert.False(hasMembers, $"{at} has {member.Name}, which the document does not know.");
            }
        }
    }

    private static string[] Types(JsonElement schema) => !schema.TryGetProperty("type", out var type) ? []
        : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(each => each.GetString()!)] : [type.GetString()!];

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };

    private static bool Fits(string template, string path)
    {
        var (wanted, given) = (template.Split('/'), path.Split('/'));
        return wanted.Length == given.Length && wanted.Zip(given).All(pair => pair.First == pair.Second || pair.First.StartsWith('{'));
    }

    private static ApiDocument Read() => new(JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(), "..", "test-data", "openapi.v1.json"))).RootElement);

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
