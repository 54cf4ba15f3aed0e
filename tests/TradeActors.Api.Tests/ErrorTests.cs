using System.Net.Http.Headers;
using System.Text;
using TradeActors.Api.Tests.Support;
using Xunit;

namespace TradeActors.Api.Tests;

/// <summary>Every refusal is a complete problem, whoever makes it.</summary>
[Collection(Shared.Name)]
public sealed class ErrorTests(SharedNode shared)
{
    private const string Accounts = "/api/v1/accounts";

    [Fact]
    public async Task An_unknown_route_is_not_found()
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.GetAsync("/api/v1/nothing")).Problem(404, "not-found");
        (await client.PostAsync("/nothing/at/all", "{}")).Problem(404, "not-found");
    }

    [Fact]
    public async Task A_method_that_a_route_does_not_take_is_not_allowed()
    {
        var client = await shared.Node.NewTenantAsync();
        (await client.DeleteAsync(Accounts)).Problem(405, "method-not-allowed");
        (await client.PutAsync("/api/v1/me", "{}")).Problem(405, "method-not-allowed");
        (await client.GetAsync("/webhook/token")).Problem(405, "method-not-allowed");
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_an_unsupported_media_type()
    {
        var client = await shared.Node.NewTenantAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, Accounts) { Content = new StringContent("name=A", Encoding.UTF8, "application/x-www-form-urlencoded") };
        (await client.SendAsync(request)).Problem(415, "unsupported-media-type");
        (await client.SendAsync(new HttpRequestMessage(HttpMethod.Post, Accounts) { Content = new ByteArrayContent("{}"u8.ToArray()) }))
            .Problem(415, "unsupported-media-type");
    }

    [Fact]
    public async Task An_absent_body_is_malformed()
    {
        var client = await shared.Node.NewTenantAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, Accounts) { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        (await client.SendAsync(request)).Problem(400, "malformed");
        (await client.PostAsync(Accounts, "null")).Problem(400, "malformed");
    }

    [Theory]
    [InlineData("""{"name":"A","brokre":"paper","startingBalance":1000}""", "brokre")]
    [InlineData("""{"name":"A","name":"B","broker":"paper","startingBalance":1000}""", "name")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1000,"limits":{"maxPositions":{}}}""", "maxPositions")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":"much"}""", "startingBalance")]
    [InlineData("""{"name":"A","broker":"paper","startingBalance":1e400}""", "startingBalance")]
    [InlineData("""{"name":1,"broker":"paper","startingBalance":1000}""", "name")]
    [InlineData("""{"name":"A","broker":"paper","limits":{"maxPosition":{"perSymbol":{"ES":"x"}}}}""", "perSymbol")]
    [InlineData("""{"name":"A","broker":"paper",""", "JSON")]
    [InlineData("""["name"]""", "JSON")]
    [InlineData("name=A", "JSON")]
    public async Task A_malformed_body_is_refused_and_the_problem_names_what_is_wrong(string body, string named)
    {
        var client = await shared.Node.NewTenantAsync();
        var problem = (await client.PostAsync(Accounts, body)).Problem(400, "malformed");
        Assert.Contains(named, problem.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_that_is_none_of_an_enumeration_is_malformed_and_named()
    {
        var client = await shared.Node.NewTenantAsync();
        var account = await Given.AccountAsync(client);
        foreach (var (body, member) in ((string, string)[])[("""{"side":"long"}""", "side"), ("""{"type":2}""", "type"), ("""{"side":"1"}""", "side")])
        {
            var problem = (await client.PostAsync($"{Accounts}/{account}/orders", body)).Problem(400, "malformed");
            Assert.Contains(member, problem.Text("detail"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("limit=0", 422)]
    [InlineData("limit=501", 422)]
    [InlineData("after=nonsense", 422)]
    [InlineData("limit=many", 400)]
    public async Task A_paging_parameter_that_makes_no_sense_is_refused(string query, int status)
    {
        var problem = (await (await shared.Node.NewTenantAsync()).GetAsync($"{Accounts}?{query}")).Problem(status);
        Assert.Contains(query.Split('=')[0], problem.Text("detail"), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("text/html")]
    [InlineData("image/*;q=0.5")]
    public async Task A_caller_that_accepts_something_else_gets_the_problem_all_the_same(string accept)
    {
        var client = await shared.Node.NewTenantAsync();
        foreach (var (path, status) in ((string, int)[])[("/api/v1/accounts/none", 404), ("/nothing", 404)])
        {
            var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept", accept);
            (await client.SendAsync(request)).Problem(status);
        }
    }
}
