namespace Orleans.Runtime {
    /// <summary>Something that calls can be addressed to: a grain, a reference to one, an observer.</summary>
    public interface IAddressable;
}

namespace Orleans {
    /// <summary>The root of grain interfaces; use one of the interfaces that name the key's kind.</summary>
    public interface IGrain : IAddressable;

    public interface IGrainWithStringKey : IGrain;

    public interface IGrainWithIntegerKey : IGrain;

    public interface IGrainWithGuidKey : IGrain;

    /// <summary>An object of a client or grain that grains can call back, through an object reference.</summary>
    public interface IGrainObserver : IAddressable;
}
