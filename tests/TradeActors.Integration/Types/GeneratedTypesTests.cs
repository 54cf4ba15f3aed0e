using TradeActors.Integration.Live;
using TradeActors.Ledger.Processes;
using Xunit;

namespace TradeActors.Integration.Types;

/// <summary>What clients do with the OpenAPI document: they make types from it.</summary>
public sealed class GeneratedTypesTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NodeJsFact]
    public async Task Types_made_from_the_golden_document_compile_and_say_what_replies_hold()
    {
        var document = SourceTree.Find("tests", "TradeActors.Api.Tests", "test-data", "openapi.v1.json");
        await using var check = await NodeJs.StartAsync(
            SourceTree.Find("tests", "TradeActors.Integration", "Types", "client"), Path.Combine(_folder.Path, "client"), "check.mjs", [], document);
        await check.ExitAsync(TimeSpan.FromMinutes(2));
    }
}
