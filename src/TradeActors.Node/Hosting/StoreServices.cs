namespace TradeActors.Node.Hosting;

/// <summary>The ports of the store, as every host of the front door offers them.</summary>
internal static class StoreServices
{
    /// <param name="of">Finds the store when it is first asked for: it may be opened after the container is built.</param>
    public static void AddStore(this IServiceCollection services, Func<IServiceProvider, NodeStore> of)
    {
        Add(store => store.Reads);
        Add(store => store.Live);
        Add(store => store.Equity);
        Add(store => store.Users);
        Add(store => store.ApiKeys);
        Add(store => store.Audit);
        Add(store => store.KeyRing);

        void Add<T>(Func<NodeStore, T> port)
            where T : class => services.AddSingleton(provider => port(of(provider)));
    }
}
