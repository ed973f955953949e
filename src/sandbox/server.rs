//! The sandbox's background process: emulator, gateway, CloudTrail and Central, from start to end.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use super::{
    Place, Running, administrator,
    central::{Central, Store, Tenant, Timing},
    cloud::{Cloud, State},
    cloudtrail, default_account,
    gateway::Gateway,
    ministack::{self, Emulator},
};
use crate::ui::{
    Code, Failure, Result,
    beside::{self, Readers},
};

/// The file with Central's state, in the folder of the sandbox's state.
const CENTRAL: &str = "central.json";
/// The file with trails, the keys that sign their digests, and organizations, next to it.
const CLOUDTRAIL: &str = "cloudtrail.json";

/// The arguments of `sandbox serve`.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub dir: PathBuf,
    pub environment: PathBuf,
    /// The time between two log files of a trail.
    pub interval: Duration,
    /// The time between two digests.
    pub digest_interval: Duration,
}

/// Runs until SIGTERM. The state is saved while the sandbox runs and at its end. If the last end was not clean, the emulator's
/// part of the state is lost, so the rest is deleted too: all state has one lifetime.
pub(crate) async fn serve(options: Options) -> Result<()> {
    let place = Place {
        dir: options.dir.clone(),
        environment: options.environment.clone(),
    };
    // Held until the sandbox ends.
    let mut lock = place.lock()?;
    alone(&lock).await?;
    lock.set_len(0)?;
    write!(lock, "{}", std::process::id())?;
    place.end_left_over();
    let _ = std::fs::remove_file(place.file());
    std::env::set_current_dir(&options.dir)?;
    // A relative path, since the path of a socket must be short.
    let state = PathBuf::from("state");
    let clean = state.join("clean");
    if state.exists() && !clean.exists() {
        std::fs::remove_dir_all(&state)?;
    }
    std::fs::create_dir_all(&state)?;
    let _ = std::fs::remove_file(&clean);

    let ports = Ports::bind(&state).await?;
    let secret = SecretString::from(uuid::Uuid::new_v4().simple().to_string());
    let port = ports.gateway.local_addr()?.port();
    let mut process = ministack::start(&options.environment, &state, port, &secret)?;
    let id = process.id().to_string();
    beside::write(&place.emulator_file(), Readers::Owner, id.as_bytes())?;
    let emulator = Emulator::new(&state, secret)?;
    let served = run(&options, &place, &state, emulator, ports, &mut process).await;
    ministack::end(&mut process).await;
    let _ = std::fs::remove_file(place.emulator_file());
    let _ = std::fs::remove_file(place.file());
    if served.is_ok() {
        std::fs::write(clean, "")?;
    }
    served
}

/// Takes the lock that a sandbox holds as long as it runs here.
async fn alone(lock: &std::fs::File) -> Result<()> {
    // A command that checks whether a sandbox runs holds the lock for a moment.
    for _ in 0..20 {
        if lock.try_lock().is_ok() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Err(Failure::new(
        Code::SandboxUnavailable,
        "another sandbox runs here",
    ))
}

/// The ports that the sandbox listens on. Functions keep these addresses in their environment, so the next start takes the same
/// ports again if they are still free.
struct Ports {
    gateway: TcpListener,
    central: TcpListener,
}

impl Ports {
    async fn bind(state: &Path) -> Result<Self> {
        let file = state.join("ports.json");
        let before = std::fs::read(&file).unwrap_or_default();
        let [gateway, central]: [u16; 2] = serde_json::from_slice(&before).unwrap_or_default();
        let ports = Self {
            gateway: bind(gateway).await?,
            central: bind(central).await?,
        };
        let taken = [
            ports.gateway.local_addr()?.port(),
            ports.central.local_addr()?.port(),
        ];
        let text = serde_json::to_vec(&taken).expect("numbers are JSON");
        beside::write(&file, Readers::Owner, &text)?;
        Ok(ports)
    }
}

/// Binds this port, or another one if it is taken.
async fn bind(port: u16) -> Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(TcpListener::bind("127.0.0.1:0").await?),
    }
}

/// Runs the services until SIGTERM, or until one of them fails.
async fn run(
    options: &Options,
    place: &Place,
    state: &Path,
    emulator: Emulator,
    ports: Ports,
    process: &mut std::process::Child,
) -> Result<()> {
    let mut ended = signal(SignalKind::terminate())?;
    let (aws_url, central_url) = (url_of(&ports.gateway)?, url_of(&ports.central)?);
    let saved = Saved::load(state)?;
    let tenant = saved.tenant(&central_url);

    emulator.ready(process).await?;
    let secret = emulator.secret.expose_secret().to_owned();
    let cloud = Cloud::new(emulator, Arc::clone(&saved.trails));
    make_administrator(&cloud).await?;
    let central = Central::new(Arc::clone(&saved.store), &central_url, Timing::default());
    let switches = central.clone().switches(&secret);
    let running = Running {
        version: crate::VERSION.to_owned(),
        pid: i32::try_from(std::process::id()).expect("a pid fits"),
        aws_url,
        central_url,
        account: default_account(),
        tenant_id: tenant.id,
        client_id: tenant.client_id,
        client_secret: tenant.client_secret,
        secret,
        interval_seconds: options.interval.as_secs_f64(),
    };
    let text = serde_json::to_vec_pretty(&running).expect("plain data is JSON");
    beside::write(&place.file(), Readers::Owner, &text)?;
    let gateway = Gateway::new(cloud.clone()).router();
    let central = central.router().merge(switches);
    let central = central.merge(cloudtrail::switches(cloud.clone(), &running.secret));
    let ended = async move {
        ended.recv().await;
    };
    let result: Result<()> = tokio::select! {
        served = answer(ports, gateway, central) => served,
        () = cloudtrail::deliver(cloud, options.interval, options.digest_interval, ended) => Ok(()),
        kept = saved.keep(state) => kept,
    };
    saved.save(state)?;
    result
}

fn url_of(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// Answers the calls of AWS and of Central until one of the two servers fails.
async fn answer(ports: Ports, gateway: Router, central: Router) -> Result<()> {
    let (gateway_listener, central_listener) = (ports.gateway, ports.central);
    tokio::try_join!(
        async { axum::serve(gateway_listener, gateway).await },
        async { axum::serve(central_listener, central).await },
    )?;
    Ok(())
}

/// The state that is written to disk.
struct Saved {
    /// Central's.
    store: Arc<Mutex<Store>>,
    /// Trails and organizations.
    trails: Arc<Mutex<State>>,
}

impl Saved {
    fn load(state: &Path) -> Result<Self> {
        Ok(Self {
            store: Arc::new(Mutex::new(load(&state.join(CENTRAL))?)),
            trails: Arc::new(Mutex::new(load(&state.join(CLOUDTRAIL))?)),
        })
    }

    /// The tenant that `--sandbox` signs in as, in a Central that has this address.
    fn tenant(&self, central_url: &str) -> Tenant {
        let mut store = self.store.lock().expect("nobody has panicked yet");
        store.move_to(central_url);
        let present = store
            .tenants
            .values()
            .find(|tenant| tenant.name == "Sandbox")
            .cloned();
        present.unwrap_or_else(|| store.add_tenant("Sandbox", "tenant", None))
    }

    /// Saves every second what has changed.
    async fn keep(&self, state: &Path) -> Result<()> {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            self.save(state)?;
        }
    }

    fn save(&self, state: &Path) -> Result<()> {
        let central = {
            let mut store = self
                .store
                .lock()
                .expect("no handler panics while it holds the store");
            std::mem::take(&mut store.changed)
                .then(|| serde_json::to_vec(&*store).expect("plain data is JSON"))
        };
        let trails = {
            let mut trails = self
                .trails
                .lock()
                .expect("no handler panics while it holds the trails");
            std::mem::take(&mut trails.changed)
                .then(|| serde_json::to_vec(&*trails).expect("plain data is JSON"))
        };
        for (name, bytes) in [(CENTRAL, central), (CLOUDTRAIL, trails)] {
            if let Some(bytes) = bytes {
                beside::write(&state.join(name), Readers::Owner, &bytes)?;
            }
        }
        Ok(())
    }
}

fn load<T: serde::de::DeserializeOwned + Default>(file: &Path) -> Result<T> {
    match std::fs::read(file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
            Failure::new(
                Code::SandboxUnavailable,
                format!("{}: {error}", file.display()),
            )
        }),
        Err(_) => Ok(T::default()),
    }
}

/// Creates the role that `--sandbox` acts as.
async fn make_administrator(cloud: &Cloud) -> Result<()> {
    let region = "eu-west-1".parse().expect("a valid region");
    let root = cloud.connect_root(&default_account(), &region).await?;
    administrator::make(&root).await.map_err(|mut failure| {
        failure.code = Code::SandboxUnavailable;
        failure
    })
}
