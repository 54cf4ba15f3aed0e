using System.Runtime.CompilerServices;
using System.Text.Json;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests.OpenApi;

[Collection(Shared.Name)]
public sealed class OpenApiTests(SharedNode shared)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_document_is_as_its_golden_file_says()
    {
        var document = await ApiDocument.ReadAsync(shared.Node.Anonymous());
        var now = JsonSerializer.Serialize(document.Root, Indented).ReplaceLineEndings("\n") + "\n";
        var path = Path.Combine(Folder(), "openapi.v1.json");
        if (Environment.GetEnvironmentVariable("ACCEPT_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Folder());
            await File.WriteAllTextAsync(path, now);
        }

        Assert.True(File.Exists(path), "test-data/openapi.v1.json is missing. Run the tests with ACCEPT_GOLDEN=1 to write it, and commit it.");
        var golden = await File.ReadAllTextAsync(path);
        Assert.True(
            now == golden,
            "The API is otherwise than test-data/openapi.v1.json says. Clients rely on it: add, but do not change or remove. If the change is meant, run the "
            + $"tests with ACCEPT_GOLDEN=1, look at the difference and commit the file. First different line: {FirstDifference(golden, now)}");
    }

    [Fact]
    public async Task Numbers_are_plain_numbers()
    {
        var document = await ApiDocument.ReadAsync(shared.Node.Anonymous());
        var seen = new List<string>();
        Visit(document.Root.GetProperty("components").GetProperty("schemas"), "schemas");
        Visit(document.Root.GetProperty("paths"), "paths");
        Assert.NotEmpty(seen);

        void Visit(JsonElement at, string path)
        {
            if (at.ValueKind == JsonValueKind.Array)
            {
                Assert.All(at.EnumerateArray(), item => Visit(item, path));
            }
            else if (at.ValueKind == JsonValueKind.Object)
            {
                if (at.TryGetProperty("type", out var type) && type.ToString() is var word && (word.Contains("number") || word.Contains("integer")))
                {
                    seen.Add(path);
                    Assert.False(word.Contains("string") || at.Has("pattern"), $"{path} is {at}");
                }

                Assert.All(at.EnumerateObject(), member => Visit(member.Value, $"{path}.{member.Name}"));
            }
        }
    }

    private static bool IsFile(JsonElement response) =>
        response.TryGetProperty("content", out var content) && content.TryGetProperty("text/csv", out var file) && file.GetProperty("schema").Text("type") == "string";

    [Fact]
    public async Task Every_answer_with_content_has_a_schema()
    {
        var document = await ApiDocument.ReadAsync(shared.Node.Anonymous());
        foreach (var operation in document.Operations)
        {
            var good = operation.Definition.GetProperty("responses").EnumerateObject().Where(response => response.Name.StartsWith('2')).ToArray();
            Assert.True(good.Length > 0, $"{operation} has no 2xx answer");
            Assert.All(good, response => Assert.True(
                response.Name == "204" || IsFile(response.Value)
                || (response.Value.TryGetProperty("content", out var content) && content.GetProperty("application/json").TryGetProperty("schema", out var schema)
                    && document.Resolve(schema).Has("properties")),
                $"{operation} {response.Name} has no schema: {response.Value}"));
        }
    }

    [Fact]
    public async Task What_may_be_null_is_not_required_and_what_replies_always_have_is()
    {
        var document = await ApiDocument.ReadAsync(shared.Node.Anonymous());
        var schemas = document.Root.GetProperty("components").GetProperty("schemas");
        foreach (var schema in schemas.EnumerateObject().Where(schema => schema.Value.Has("required")))
        {
            var required = schema.Value.List("required").Select(name => name.GetString());
            Assert.All(required, name => Assert.False(IsNullable(schema.Value.GetProperty("properties").GetProperty(name!)), $"{schema.Name}.{name}"));
        }

        var account = schemas.GetProperty("AccountView").List("required").Select(name => name.GetString());
        Assert.Equal(
            ["id", "name", "broker", "currency", "balance", "equity", "realizedToday", "unrealized", "state", "positions", "limits", "createdAt"], account);
        Assert.False(schemas.GetProperty("Settings").GetProperty("properties").Has("entryMaxAge"));

        static bool IsNullable(JsonElement schema) =>
            (schema.TryGetProperty("type", out var type) && type.ToString().Contains("null"))
            || (schema.TryGetProperty("oneOf", out var any) && any.EnumerateArray().Any(IsNullable));
    }

    [Fact]
    public async Task Parameters_are_spelled_as_the_contract_does() => Assert.All(
        (await ApiDocument.ReadAsync(shared.Node.Anonymous())).Operations.Where(operation => operation.Definition.Has("parameters")),
        operation => Assert.All(operation.Definition.List("parameters"), parameter => Assert.True(char.IsLower(parameter.Text("name")[0]), $"{operation}")));

    [Fact]
    public async Task Paths_have_no_slash_at_their_end_and_bearer_security_is_declared()
    {
        var document = await ApiDocument.ReadAsync(shared.Node.Anonymous());
        Assert.All(document.Operations, operation => Assert.False(operation.Path.EndsWith('/'), operation.Path));
        var scheme = document.Root.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.Text("type"), scheme.Text("scheme")));
        Assert.All(
            document.Operations.Where(operation => !operation.IsAnonymous),
            operation => Assert.True(operation.Definition.List("security").Single().Has("bearer"), $"{operation}"));
        Assert.Equal(
            [
                "POST /webhook/{token}", "GET /health/live", "GET /health/ready", "POST /api/v1/auth/register", "POST /api/v1/auth/login",
                "POST /api/v1/auth/refresh", "POST /api/v1/auth/accept-invitation", "POST /api/v1/auth/reset-password", "POST /api/v1/auth/logout",
            ],
            document.Operations.Where(operation => operation.IsAnonymous).Select(operation => operation.ToString()));
    }

    [Fact]
    public async Task The_document_lists_the_reason_codes() => Assert.Contains(
        "NothingToClose, ", (await ApiDocument.ReadAsync(shared.Node.Anonymous())).Root.GetProperty("info").Text("description"), StringComparison.Ordinal);

    [Fact]
    public async Task The_page_to_browse_it_is_served_to_anybody()
    {
        var page = (await shared.Node.Anonymous().GetAsync("/openapi/index.html")).Is(200);
        Assert.Equal("text/html", page.MediaType);
        Assert.Equal(301, (await shared.Node.Anonymous().GetAsync("/openapi")).Status); // To the page.
    }

    private static string FirstDifference(string golden, string now)
    {
        var (before, after) = (golden.Split('\n'), now.Split('\n'));
        var line = Enumerable.Range(0, Math.Min(before.Length, after.Length)).FirstOrDefault(i => before[i] != after[i], Math.Min(before.Length, after.Length));
        return $"{line + 1}: golden '{before.ElementAtOrDefault(line)?.Trim()}', now '{after.ElementAtOrDefault(line)?.Trim()}'";
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "test-data");
}
