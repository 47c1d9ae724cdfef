/// Planning and writing hand records from thread to thread, in great numbers and small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    bilateral::cli::main()
}
